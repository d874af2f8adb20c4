"""Those who left a queue, a chat or a form before an answer: who, why, how long they waited, and whom a rule reaches."""
