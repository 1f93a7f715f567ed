//! Prints the parameters that are settings instead of arguments, and the arguments that could be settings.
#![allow(clippy::print_stdout, reason = "this command prints a table")]

use anstream::println;
use jackfield_build::ConstantArgument;
use jackfield_build::model::text::{toml_key, toml_text};
use jackfield_build::model::{Location, ParameterSetting, visible_line};
use serde_json::{Value, json};

use crate::paint::{BOLD, DIM};

pub(super) fn settings(settings: &[ParameterSetting]) -> Vec<Value> {
    let settings = settings.iter();
    settings
        .map(|it| json!({ "in": place(it.location), "name": it.wire.as_str(), "value": it.value }))
        .collect()
}

pub(super) fn constants(constants: &[ConstantArgument]) -> Vec<Value> {
    let constants = constants.iter();
    constants
        .map(|it| {
            json!({
                "in": place(it.location), "name": it.wire, "tools": it.tools, "example": it.example,
                "line": line(it), "table": table(it.location),
            })
        })
        .collect()
}

/// Prints the settings. Also prints the arguments that look constant, with the lines of connector.toml that convert them to settings.
pub(super) fn print(settings: &[ParameterSetting], constants: &[ConstantArgument]) {
    if !settings.is_empty() {
        println!(
            "\n{BOLD}Settings{BOLD:#} {DIM}(not arguments; a setting that `ask_for` in connector.toml lists becomes an argument){DIM:#}"
        );
        for setting in settings {
            let value = setting.value.as_deref().unwrap_or("not sent");
            let (wire, value) = (visible_line(setting.wire.as_str()), visible_line(value));
            println!("{} {wire}  {DIM}{value}{DIM:#}", place(setting.location));
        }
    }
    if constants.is_empty() {
        return;
    }
    println!(
        "\n{BOLD}Arguments that look constant{BOLD:#} {DIM}(each line, added to connector.toml, fixes the value of an argument){DIM:#}"
    );
    for location in [Location::Header, Location::Query] {
        let mut found = constants.iter().filter(|it| it.location == location).peekable();
        if found.peek().is_some() {
            println!("\n  [{}]", table(location));
        }
        found.for_each(|it| println!("  {}", visible_line(&line(it))));
    }
}

/// Returns the tables and lines of connector.toml that fix arguments to their example values.
pub(crate) fn setting_lines(constants: &[ConstantArgument]) -> Vec<(&'static str, String)> {
    let known = |of: Location| constants.iter().filter(move |it| it.location == of && it.example.is_some());
    let found = known(Location::Header).chain(known(Location::Query));
    found.map(|it| (table(it.location), line(it))).collect()
}

/// Returns the line of connector.toml that fixes the value of an argument.
fn line(constant: &ConstantArgument) -> String {
    format!("{} = {}", toml_key(&constant.wire), toml_text(constant.example.as_deref().unwrap_or("…")))
}

const fn table(location: Location) -> &'static str {
    if matches!(location, Location::Header) { "headers" } else { "query" }
}

const fn place(location: Location) -> &'static str {
    if matches!(location, Location::Header) { "header" } else { "query" }
}
