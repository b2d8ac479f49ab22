"""Where a verb becomes a call: the request that it sends, and the connection that it goes over."""
