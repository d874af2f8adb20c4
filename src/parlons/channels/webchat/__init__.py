"""Chat on a web page: the server side of the widget. Visits, messages, files, pages, the socket, the offline form."""
