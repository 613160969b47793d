"""The rules of the field as plain values: no clock, no chance, no input or output."""
