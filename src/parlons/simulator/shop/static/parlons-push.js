importScripts("/widget-push.js");
