//! Tests of `jackfield describe` with a command that answers well, badly, slowly, without end, and with hostile texts.

mod command;
mod shop;
mod texts;
