//! Prints the resources, prompts and documentation of a connector.
#![allow(clippy::print_stdout, reason = "this command prints a table")]

use anstream::println;
use jackfield_build::model::{Connector, Prompt, visible_line};
use serde_json::{Value, json};

use crate::paint::{BOLD, DIM};

/// The prompts of a connector, and whether it has documentation pages.
#[derive(Debug)]
pub(crate) struct Contents {
    name: String,
    all: Vec<Prompt>,
    pub(crate) documentation: bool,
}

impl Contents {
    pub(super) fn of(connector: &Connector) -> Self {
        Self {
            name: connector.name.to_string(),
            all: connector.prompts.clone(),
            documentation: connector.documentation,
        }
    }

    /// Returns the prompts as JSON, for programs.
    pub(super) fn prompts(&self) -> Vec<Value> {
        let prompts = self.all.iter().map(|prompt| {
            let arguments = prompt.arguments.iter().map(|argument| {
                json!({
                    "name": argument.name.as_str(), "required": argument.required, "values": argument.values,
                })
            });
            json!({
                "name": prompt.name.as_str(), "title": prompt.title, "arguments": arguments.collect::<Vec<_>>(),
            })
        });
        prompts.collect()
    }

    /// Prints the resources, the prompts and the documentation. A resource is given as its name, its URI, and whether it is also a tool.
    pub(super) fn print(&self, resources: &[(&str, &str, bool)], width: usize) {
        if !resources.is_empty() {
            println!("\n{BOLD}Resources{BOLD:#} {DIM}(operations that clients read){DIM:#}");
            for (name, uri, is_tool) in resources {
                let only = if *is_tool { "" } else { "  not a tool" };
                println!("{name:width$}  {}{DIM}{only}{DIM:#}", visible_line(uri));
            }
        }
        if !self.all.is_empty() {
            println!("\n{BOLD}Prompts{BOLD:#} {DIM}(texts that people choose in their client){DIM:#}");
            let width =
                self.all.iter().map(|prompt| prompt.name.as_str().len()).max().unwrap_or(0).max(width);
            for prompt in &self.all {
                let arguments: Vec<&str> = prompt.arguments.iter().map(|it| it.name.as_str()).collect();
                println!("{:width$}  {}", prompt.name.as_str(), arguments.join(", "));
            }
        }
        if self.documentation {
            println!("\n{BOLD}Documentation{BOLD:#} {DIM}(pages that clients read){DIM:#}");
            println!("{}://docs/overview", self.name);
        }
    }
}
