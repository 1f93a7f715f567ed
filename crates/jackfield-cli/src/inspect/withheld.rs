//! Prints the tools and prompts that `jackfield serve` would withhold.
#![allow(clippy::print_stdout, reason = "this command prints a table")]

use anstream::println;
use jackfield_build::model::visible_line;
use jackfield_build::{UnacceptedTool, Withheld};
use serde_json::{Value, json};

use crate::paint::{BOLD, DIM, YELLOW};

/// The maximum number of tools that are listed.
const MOST: usize = 20;

pub(super) fn json(withheld: &Withheld) -> Value {
    let tools =
        withheld.tools.iter().map(|tool| json!({ "tool": tool.name.as_str(), "because": reasons(tool) }));
    let prompts = withheld
        .prompts
        .iter()
        .map(|name| json!({ "prompt": name, "because": ["the prompt is new or has changed"] }));
    tools.chain(prompts).collect()
}

pub(super) fn print(withheld: &Withheld) {
    if !withheld.prompts.is_empty() {
        println!("\n{BOLD}Prompts that `jackfield serve` withholds until they are accepted{BOLD:#}");
        withheld.prompts.iter().for_each(|name| println!("  {YELLOW}{}{YELLOW:#}", visible_line(name)));
        if withheld.tools.is_empty() {
            println!("to accept them:\n  {}", withheld.command);
        }
    }
    if withheld.tools.is_empty() {
        return;
    }
    println!("\n{BOLD}Tools that `jackfield serve` withholds until they are accepted{BOLD:#}");
    for tool in withheld.tools.iter().take(MOST) {
        println!("  {YELLOW}{}{YELLOW:#}", tool.name);
        reasons(tool).iter().for_each(|reason| println!("    {}", visible_line(reason)));
    }
    if withheld.tools.len() > MOST {
        println!("  {DIM}… and {} more; --json has them all{DIM:#}", withheld.tools.len() - MOST);
    }
    println!("to accept them:\n  {}", withheld.command);
}

fn reasons(tool: &UnacceptedTool) -> Vec<String> {
    tool.because.iter().map(ToString::to_string).collect()
}
