//! The `call` command: one tool call from a shell.

use std::process::ExitCode;

use serde_json::{Map, Value};

use super::output::{Failure, print, print_data, tell};
use crate::common::caller::{Caller, Channel};
use crate::engine::service::Service;

pub(super) async fn call(
    service: &Service,
    name: &str,
    mut arguments: Map<String, Value>,
    dry_run: bool,
) -> Result<ExitCode, Failure> {
    if dry_run {
        let selected = service.selected(name, &mut arguments);
        let Some(tool) = selected.map_err(|error| Failure::failed(error.to_string()))? else {
            let custom = service.get(name).is_some();
            let text = if custom {
                format!("`{name}` is a hand-written tool, so its requests cannot be shown")
            } else {
                service.unknown(name).to_string()
            };
            return Err(Failure::usage(text));
        };
        let rehearsed = service.api().rehearse(&tool, arguments).await;
        let rehearsed = rehearsed.map_err(|error| Failure::failed(error.to_string()))?;
        rehearsed.notes.iter().for_each(|note| tell(note));
        return print(&rehearsed.outgoing.to_string());
    }
    let result = service
        .call(name, arguments, &Caller::local(Channel::CommandLine))
        .await
        .map_err(|error| Failure::usage(error.to_string()))?;
    if result.is_error() {
        return Err(Failure::failed(result.as_text()));
    }
    for note in result.notes() {
        tell(note);
    }
    print_data(&match result.structured() {
        Some(_) => pretty(result.as_text()),
        None => result.as_text().to_owned(),
    })
}

fn pretty(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}
