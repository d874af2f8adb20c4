"""What colleagues say to each other: discussions of two people, and of a team with a name, beside the work with customers.

- `rules` (pure): what a text and a name may be, who is a colleague, who may change a team and take a line back;
- `commands`: start, change, leave, say, take back, read, keep a draft; `queries`: my discussions, their lines, my colleagues;
- `telling`: discussions and lines as screens have them; each event goes to the members alone, also not to who leads.

A line may point at a conversation; who follows the link sees it by his own rights. Erasing the customer empties such lines.
Naming a colleague in a note of a conversation is the conversation's own (conversations/mentions).
"""
