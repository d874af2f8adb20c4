"""What a firm knows: articles by language and audience, their versions and search, and the public help centre."""
