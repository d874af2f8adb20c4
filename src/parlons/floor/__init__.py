"""The supervisor's floor: what one does to a team at work, always told to the person it concerns.

- `memos`: what is said to one person and stays on his screen until he has seen it (a state set, a move, a message, a whisper);
- `moves`: skills or capacity for a time, which come back by themselves;
- `chats`: join a chat, take it over; `alerts`: when a queue raises an alarm; `layouts`: how each person has his Live page;
- `lending`: who could help a queue, and what it takes; `day`: what somebody did today.

A room of its own above reception, because it needs the people, their work and their conversations at once.
"""
