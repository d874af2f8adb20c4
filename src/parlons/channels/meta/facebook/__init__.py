"""A page in public: posts, comments and recommendations."""
