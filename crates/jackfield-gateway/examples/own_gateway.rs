//! A gateway of your own: a generated connector that is part of the program, and another MCP server.
//!
//! `BOOKSHOP_TOKEN=… DOCS_URL=https://docs.example.com/mcp cargo run --example own_gateway`

use std::path::Path;

use jackfield_gateway::Gateway;
use jackfield_runtime::Effect;

/// Creates the gateway. `docs` is the URL of the other server, and `state` the folder of the gateway's state.
pub(crate) fn gateway(docs: &str, state: &Path) -> Gateway {
    Gateway::new()
        .connector_with(&bookshop_mcp::generated::CONNECTOR, bookshop_mcp::custom::tools())
        .url("docs", docs)
        .effect("docs", "get_*", Effect::Read)
        .agent("reader", ["bookshop", "docs"], Effect::Read)
        .store(state)
        .listen("127.0.0.1:0")
}

#[allow(dead_code, reason = "a test includes this file for the function above")]
fn main() -> std::process::ExitCode {
    let docs = std::env::var("DOCS_URL").unwrap_or_else(|_| "https://docs.example.com/mcp".to_owned());
    gateway(&docs, Path::new("own-gateway-state")).run()
}
