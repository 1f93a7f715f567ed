//! A server for the official MCP conformance suite, in one of two forms. `full` has resources, prompts, completions,
//! log messages and tools that continue as tasks. `tools` has only tools, because some scenarios require a server
//! without the other features.
//!
//! `suite-servers full serve --http 127.0.0.1:0 --http-auth none` serves in the same way as any connector.

mod changing;
mod content;
mod contents;
mod inputs;
mod sessions;
mod tasks;
mod upstream;

use std::process::ExitCode;
use std::sync::Arc;

use changing::Changing;
use jackfield_runtime::Program;
use jackfield_runtime::custom::{Custom, ResourceUpdates};

/// The connector that build.rs generated.
pub mod suite {
    include!(concat!(env!("OUT_DIR"), "/suite/mod.rs"));
}

/// Runs a server of that form with the arguments of a connector.
pub fn run(form: &str, words: impl Iterator<Item = String>) -> ExitCode {
    let Ok(address) = upstream::start() else {
        return ExitCode::from(3);
    };
    let words = ["--base-url".to_owned(), address].into_iter().chain(words);
    let program = Program::new(&suite::CONNECTOR).called("suite-servers");
    let changing = Arc::new(Changing::new(form == "full"));
    match form {
        "full" => {
            let custom = Custom::new()
                .tools(content::tools())
                .tools(inputs::tools())
                .tools(sessions::tools())
                .tools(tasks::tools())
                .tools(changing::tools(&changing))
                .resources(contents::resources())
                .templates(contents::templates())
                .prompts(contents::prompts())
                .updates(ResourceUpdates::new())
                .logs();
            program.custom(custom).source(changing).run(words)
        }
        "tools" => {
            let custom = Custom::new()
                .tools(content::tools())
                .tools(inputs::tools())
                .tools(sessions::tools())
                // If callers have rights, every server announces changes of its list, so the suite needs tools that cause a change.
                .tools(changing::tools(&changing));
            program.custom(custom).source(changing).run(words)
        }
        _ => ExitCode::from(2),
    }
}
