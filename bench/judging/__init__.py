"""An independent judge of the studies: shares no code with the trainer."""
