//! The greeting of a server that a person started at a terminal.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use jackfield_recipe::shell_quoted;
use serde_json::json;

use super::output::tell;
use super::reach;
use crate::common::caller::{Caller, Channel};
use crate::engine::service::Service;

/// The maximum number of addresses in the greeting.
const ADDRESSES: usize = 5;

/// Prints a greeting to stderr: the number of tools, the destinations of calls, the client configuration, and how to stop the server. It is
/// printed only at a terminal, because a client starts the server with pipes.
///
/// A client starts the server with `command` and `options`. The other commands of the connector begin with `command`, too.
pub fn greet_at_terminal(service: &Service, command: &[String], options: &[String]) {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        tell(greeting(service, command, options).trim_end());
    }
}

fn greeting(service: &Service, command: &[String], options: &[String]) -> String {
    let connector = service.connector();
    let tools = match service.list(&Caller::local(Channel::Stdio)).count() {
        count if service.has_search() => format!("{count} tools that find and call {}", service.own_count()),
        1 => "1 tool".to_owned(),
        count => format!("{count} tools"),
    };
    let shown: Vec<_> = command.iter().map(|word| shell_quoted(word)).collect();
    let shown = shown.join(" ");
    let title = match connector.title {
        "" => String::new(),
        title => format!(" ({title})"),
    };
    let mut text =
        format!("{}{title}: an MCP server with {tools}, waiting for a client on stdin\n\n", connector.name);
    for (at, address) in addresses(service).iter().enumerate() {
        let _ = writeln!(text, "  {} {address}", if at == 0 { "calls go to" } else { "           " });
    }
    let (program, rest) =
        command.split_first().map_or((connector.name, command), |(program, rest)| (program.as_str(), rest));
    let arguments: Vec<&String> = rest.iter().chain(options).collect();
    let entry = if arguments.is_empty() {
        json!({ "command": program })
    } else {
        json!({ "command": program, "args": arguments })
    };
    let entry = json!({ "mcpServers": { connector.name: entry } });
    let _ = write!(
        text,
        "\nA client starts it by itself. Its configuration, such as .mcp.json:\n\n  {entry}\n\n\
         To try it here, stop it and run:\n\n  {shown} tools\n\nCtrl-D or Ctrl-C stops it.\n"
    );
    text
}

/// Returns the origins to which calls are sent, each origin once.
fn addresses(service: &Service) -> Vec<String> {
    let api = service.api();
    let mut addresses = reach::lines(service.connector(), api.environment(), api.client());
    if addresses.len() > ADDRESSES {
        let more = addresses.len() - ADDRESSES;
        addresses.truncate(ADDRESSES);
        addresses.push(format!("and {more} more"));
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::environment::Environment;
    use crate::engine::api::Api;
    use crate::v1::{ArgError, Args, Request};
    use crate::v1::{Connector, Group, Server, Tool};

    fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
        Ok(())
    }

    static TOOL: Tool = Tool::new("list_books", "GET", "/books", nothing);
    static CONNECTOR: Connector = Connector::new("shop")
        .title("Book Shop")
        .servers(&[Server::new("https://api.example.com/v1")])
        .groups(&[Group::new("books", &[&TOOL])]);

    #[test]
    fn greeting_shows_the_tools_and_how_to_stop_the_server() {
        let service =
            Service::new(Api::new(&CONNECTOR, Environment::of::<&str, &str>([])), Vec::new()).unwrap();
        let command = ["/opt/my api/shop-mcp".to_owned()];
        let text = greeting(&service, &command, &["--read-only".to_owned()]);
        for part in [
            "shop (Book Shop): an MCP server with 1 tool",
            "calls go to https://api.example.com (1 tool)\n",
            r#"{"mcpServers":{"shop":{"command":"/opt/my api/shop-mcp","args":["--read-only"]}}}"#,
            "'/opt/my api/shop-mcp' tools",
            "Ctrl-D or Ctrl-C stops it",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
