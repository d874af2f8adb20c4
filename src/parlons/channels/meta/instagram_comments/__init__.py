"""A professional account in public: comments and mentions."""
