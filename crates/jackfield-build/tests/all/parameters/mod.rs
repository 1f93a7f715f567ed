//! Parameters that nearly all operations have: which become settings or credentials, and which remain
//! arguments.

mod credentials;
mod document;
mod settings;
