//! Describes the command line of a connector to a program that passes its own arguments on to the connector.

use super::{help, serve_options, words};

/// Whether every connector has the command `word`.
pub fn is_connector_command(word: &str) -> bool {
    words::is_command(word)
}

/// Whether `word` is an option of `serve` that takes the next word as its value.
pub fn serve_option_takes_value(word: &str) -> bool {
    serve_options::takes_value(word)
}

/// Returns the help text of the server options, as `help serve` of a connector prints it.
pub fn serve_options_help() -> String {
    help::server_options()
}
