//! The command line of a connector, for a program that passes its own arguments on to a connector.

use super::{help, serve_options, words};

/// Whether the word is a command of every connector.
pub fn is_connector_command(word: &str) -> bool {
    words::is_command(word)
}

/// Whether the word is an option of a server whose value is the next word.
pub fn serve_option_takes_value(word: &str) -> bool {
    serve_options::takes_value(word)
}

/// The server options, as the command `help serve` of a connector prints them.
pub fn serve_options_help() -> String {
    help::server_options()
}
