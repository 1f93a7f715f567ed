use std::path::PathBuf;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, ServiceError, ServiceExt};
use rmcp::{RoleServer, ServerHandler};
use serde_json::json;
use tokio::io::DuplexStream;

use super::{Client, ClientError, Handshake};

/// A server with three tools on two pages, or with endless pages.
struct Server {
    endless: bool,
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("fixture", "1"))
            .with_instructions("Ask.")
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let is_first = request.and_then(|it| it.cursor).is_none();
        let names: &[&'static str] = if is_first { &["a", "b"] } else { &["c"] };
        let tool = |name: &&'static str| {
            let schema = json!({"type": "object", "properties": {"z": {}, "a": {}}});
            Tool::new(*name, "A tool", schema.as_object().cloned().unwrap_or_default())
        };
        let mut page = ListToolsResult::with_all_items(names.iter().map(tool).collect());
        page.next_cursor = (is_first || self.endless).then(|| "more".to_owned());
        Ok(page)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        match &*request.name {
            "a" => {
                let given = request.arguments.map_or(serde_json::Value::Null, serde_json::Value::Object);
                Ok(CallToolResult::structured(given).into())
            }
            "b" => Ok(CallToolResult::error(vec![ContentBlock::text("no luck")]).into()),
            "environment" => {
                let variables: JsonObject =
                    std::env::vars().map(|(name, value)| (name, value.into())).collect();
                Ok(CallToolResult::structured(variables.into()).into())
            }
            name => Err(ErrorData::invalid_params(format!("no tool {name}"), None)),
        }
    }
}

fn served(server: Server) -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        if let Ok(service) = server.serve(theirs).await {
            let _ = service.waiting().await;
        }
    });
    ours
}

async fn converses(mut client: Client, version: &str) {
    let info = client.server_info().unwrap();
    assert_eq!(info.protocol_version.as_str(), version);
    assert_eq!(info.server_info.unwrap().name, "fixture");
    assert_eq!(info.instructions.as_deref(), Some("Ask."));

    let tools = client.tools().await.unwrap();
    assert_eq!(tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["a", "b", "c"]);
    let schema = serde_json::to_string(&tools[0].input_schema).unwrap();
    assert_eq!(schema, r#"{"type":"object","properties":{"z":{},"a":{}}}"#);
    assert_eq!(client.tool_pages().await.unwrap().iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);

    let given = json!({"text": "ü", "n": 1});
    let result = client.call("a", given.clone()).await.unwrap();
    assert_eq!(result.structured_content, Some(given));
    let failed = client.call("b", json!({})).await.unwrap();
    assert_eq!(failed.is_error, Some(true));
    assert!(matches!(
        client.call("nothing", serde_json::Value::Null).await,
        Err(ClientError::Request { cause: ServiceError::McpError(error), .. }) if error.message == "no tool nothing"
    ));
    assert!(matches!(client.call("a", json!([1])).await, Err(ClientError::Arguments { .. })));
    client.close().await.unwrap();
    assert!(client.tools().await.is_err());
}

#[tokio::test]
async fn mcp_client_connects_with_the_modern_and_the_legacy_handshake() {
    let stream = served(Server { endless: false });
    converses(Client::connect(stream).await.unwrap(), "2026-07-28").await;
    let stream = served(Server { endless: false });
    converses(Client::connect_as(Handshake::Legacy, stream).await.unwrap(), "2025-11-25").await;
}

#[tokio::test]
async fn endless_tool_pages_are_an_error() {
    let client = Client::connect(served(Server { endless: true })).await.unwrap();
    assert!(matches!(client.tools().await, Err(ClientError::EndlessPages)));
}

/// The name of the test that acts as a server.
const SERVER: &str = "client::tests::child_process_helper_serves_mcp";
const ASKED: &str = "TESTKIT_SERVES";

/// Is not a test by itself: [`client_starts_a_program_and_calls_its_tools`] starts this binary with a filter that selects this
/// test. The test harness first prints a few lines that are not JSON. MCP clients skip these lines.
#[tokio::test]
async fn child_process_helper_serves_mcp() {
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    eprintln!("serving");
    let stdio = (tokio::io::stdin(), tokio::io::stdout());
    Server { endless: false }.serve(stdio).await.unwrap().waiting().await.unwrap();
    eprintln!("served");
    // The process exits explicitly, because the async runtime would wait for the thread that reads stdin.
    std::process::exit(0);
}

fn this_binary() -> PathBuf {
    std::env::current_exe().unwrap()
}

#[tokio::test]
async fn client_starts_a_program_and_calls_its_tools() {
    for (handshake, version) in [(Handshake::Modern, "2026-07-28"), (Handshake::Legacy, "2025-11-25")] {
        let args = [SERVER, "--exact", "--nocapture"];
        let client = Client::spawn_as(handshake, &this_binary(), &args, &[(ASKED, "1")]).await.unwrap();
        let variables = client.call("environment", json!({})).await.unwrap().structured_content.unwrap();
        assert_eq!(variables[ASKED], json!("1"));
        // Cargo sets this variable for every test, but the child must not get it.
        assert_eq!(variables.get("CARGO_MANIFEST_DIR"), None);
        converses(client, version).await;
    }
}

#[tokio::test]
async fn client_collects_the_stderr_of_the_program() {
    let args = [SERVER, "--exact", "--nocapture"];
    let mut client = Client::spawn(&this_binary(), &args, &[(ASKED, "1")]).await.unwrap();
    // rmcp's server treats a connection that ends directly after the handshake as an error.
    client.tools().await.unwrap();
    client.close().await.unwrap();
    assert!(client.stderr().contains("serving\nserved"), "{}", client.stderr());
}

#[tokio::test]
async fn client_reports_why_a_program_did_not_start() {
    let missing = Client::spawn("there-is-no-such-program".as_ref(), &[], &[]).await;
    assert!(matches!(missing, Err(ClientError::Spawn { .. })));
    // This program prints an error and exits.
    let mute = Client::spawn(&this_binary(), &["--no-such-flag"], &[]).await;
    let Err(error @ ClientError::Greeting { .. }) = mute else { panic!("{mute:?}") };
    assert!(error.to_string().contains("no-such-flag"), "{error}");
}
