//! Clients by other authors: the MCP SDKs for Python and TypeScript, the MCP Inspector, and curl.

use std::path::Path;
use std::process::Command;

use anstream::println;

use super::server::Server;
use crate::bench::figure::{Bar, Figures};
use crate::failure::Failure;

/// A client that has to exit successfully, and a text that it has to print.
struct Client<'a> {
    name: &'a str,
    program: &'a str,
    arguments: Vec<&'a str>,
    prints: &'a str,
}

/// Runs each client against the full server.
pub(super) fn run(rigs: &Path, program: &Path, figures: &mut Figures) -> Result<(), Failure> {
    let server = Server::start(program, "full")?;
    let (url, stdio) = (server.url(), program.to_string_lossy());
    let pushed = ["--call", "test_elicitation", r#"{"message":"Who are you?"}"#];
    let returned = ["--call", "test_input_required_result_elicitation", "{}"];
    let listed = ["--method", "tools/list", "--format", "json", "-q", "--strict"];
    let over_http =
        |mode: &'static str, call: [&'static str; 3]| [&["http", url, "--mode", mode][..], &call].concat();
    let over_stdio = |mode: &'static str, call: [&'static str; 3]| {
        [&["stdio", "--mode", mode][..], &call, &["--", &stdio, "full"]].concat()
    };
    let client = |name, program, arguments, prints| Client { name, program, arguments, prints };
    let clients = [
        client("probe", "probe", vec![url, "test_simple_text"], "ok"),
        client("old-client", "old-client", vec![&stdio, "full"], "tools"),
        client("pyclient-stdio-auto", "pyclient", over_stdio("auto", returned), "asked 1"),
        client("pyclient-stdio-legacy", "pyclient", over_stdio("legacy", pushed), "asked 1"),
        client("pyclient-stdio-modern", "pyclient", over_stdio("2026-07-28", returned), "asked 1"),
        client("pyclient-http-auto", "pyclient", over_http("auto", returned), "asked 1"),
        client("pyclient-http-legacy", "pyclient", over_http("legacy", pushed), "asked 1"),
        client("pyclient-http-modern", "pyclient", over_http("2026-07-28", returned), "asked 1"),
        client(
            "inspector-stdio-legacy",
            "inspector",
            [&["--protocol-era", "legacy"][..], &listed, &["--", &stdio, "full"]].concat(),
            "test_simple_text",
        ),
        client(
            "inspector-http-modern",
            "inspector",
            [&["--server-url", url, "--transport", "http", "--protocol-era", "modern"][..], &listed].concat(),
            "test_simple_text",
        ),
    ];
    for client in clients {
        let output = Command::new(rigs.join(client.program)).args(&client.arguments).output();
        let output = output.map_err(Failure::while_("starting a client"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let holds = output.status.success() && text.contains(client.prints);
        if !holds {
            println!("{text}{}", String::from_utf8_lossy(&output.stderr));
        }
        figures.print(&format!("clients.{}", client.name), f64::from(u8::from(holds)), Bar::AtLeast(1.0));
    }
    Ok(())
}
