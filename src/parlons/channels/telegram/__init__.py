"""Telegram bots: private chats, by long polling or webhook. Source: the published Bot API. Groups are not taken up."""
