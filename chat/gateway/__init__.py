"""The long-connection gateway: the one asynchronous shell around the session core, for every transport."""
