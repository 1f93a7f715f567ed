//! The command line of every connector.

mod alternatives;
#[cfg(feature = "serve")]
mod approvals;
#[cfg(feature = "serve")]
mod approvals_command;
mod arguments;
mod ask_secrets;
mod attached;
#[cfg(feature = "serve")]
mod audit;
mod auth;
mod auth_command;
mod base_url;
mod browser;
mod call;
mod callers;
mod closed_pipe;
mod command_line;
mod config;
mod config_command;
mod config_variables;
mod control;
#[cfg(feature = "serve")]
mod credentials;
mod doctor;
mod encoder;
mod greeting;
mod help;
mod log;
mod mock;
mod mock_command;
mod output;
mod program;
mod program_parts;
mod reach;
#[cfg(feature = "serve")]
mod reload;
#[cfg(feature = "serve")]
mod rights;
mod serve_flag;
mod serve_options;
mod serve_policies;
mod start_runtime;
#[cfg(feature = "serve")]
mod state;
mod terminal;
#[cfg(feature = "serve")]
mod token;
mod tools;
mod unknown_word;
#[cfg(feature = "serve")]
mod usage;
mod words;

pub use ask_secrets::{UnreadableAnswers, ask_secrets};
pub use attached::Attached;
#[cfg(feature = "serve")]
pub use audit::open_audit;
pub use base_url::{BaseUrlFlagError, check as check_base_url};
pub use closed_pipe::end_at_closed_pipe;
pub use command_line::{is_connector_command, serve_option_takes_value, serve_options_help};
pub use greeting::greet_at_terminal;
pub use program::{Program, main};
#[cfg(feature = "serve")]
pub use reload::{AttachedFiles, ConnectorFiles, UnfitFiles};
