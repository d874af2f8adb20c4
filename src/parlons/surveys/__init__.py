"""What customers think of a contact: a question after it, by a rule, and one answer, tied to who served."""
