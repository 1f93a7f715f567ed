//! Tests `jackfield describe` with commands whose answers are good, bad, slow, endless or hostile.

mod command;
mod shop;
mod texts;
