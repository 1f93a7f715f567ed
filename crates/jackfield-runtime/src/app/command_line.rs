//! Facts about the command line of every connector, for a program that passes its own arguments on to one.

use super::{help, serve_options, words};

/// Whether the word is a command of every connector.
pub fn is_connector_command(word: &str) -> bool {
    words::is_command(word)
}

/// Whether the word is an option of a server whose value is the next word.
pub fn serve_option_takes_value(word: &str) -> bool {
    serve_options::takes_value(word)
}

/// The options of a server, as `help serve` of a connector shows them.
pub fn serve_options_help() -> String {
    help::server_options()
}
