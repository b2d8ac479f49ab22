"""What any room may use: text and tables as people read them, checks of arguments, and care after a fork."""
