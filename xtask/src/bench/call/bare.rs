//! A plain rmcp server, for comparisons. Its tool sends the request of the bookshop's `get_book` and returns the
//! response text. It can also serve a given list of tools from memory.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use rmcp::ServiceExt as _;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::failure::Failure;

#[derive(clap::Args, Debug)]
pub(crate) struct Bare {
    /// The base URL of the requests that the server sends
    upstream: String,
    /// A file with the list of tools that `tools/list` returns
    #[arg(long)]
    list: Option<PathBuf>,
    /// Serve over HTTP at a free port, which is printed
    #[arg(long)]
    http: bool,
}

#[derive(Clone)]
struct Server {
    client: Client<HttpConnector, Empty<Bytes>>,
    upstream: Arc<str>,
    tools: Arc<[Tool]>,
}

pub(crate) fn run(bare: &Bare) -> Result<ExitCode, Failure> {
    let tools = match &bare.list {
        Some(path) => {
            let text = std::fs::read(path).map_err(Failure::while_("reading the list"))?;
            serde_json::from_slice(&text).map_err(Failure::while_("reading the list"))?
        }
        None => Vec::new(),
    };
    // A connector uses the same number of threads.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let server = Server { client, upstream: bare.upstream.as_str().into(), tools: tools.into() };
        if bare.http { serve_http(server).await } else { serve_stdio(server).await }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn serve_stdio(server: Server) -> Result<(), Failure> {
    // This is the fastest way to answer `tools/list` with the SDK.
    let running = server.serve(rmcp::transport::io::stdio_pipes()).await;
    let running = running.map_err(Failure::while_("serving"))?;
    running.waiting().await.map_err(Failure::while_("serving"))?;
    Ok(())
}

async fn serve_http(server: Server) -> Result<(), Failure> {
    let config =
        StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let service =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::<LocalSessionManager>::default(), config);
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = tokio::net::TcpListener::bind(local).await.map_err(Failure::while_("listening"))?;
    println!("http://{}/mcp", listener.local_addr().map_err(Failure::while_("listening"))?);
    loop {
        let (stream, _) = listener.accept().await.map_err(Failure::while_("accepting"))?;
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let id = arguments.get("bookId").and_then(serde_json::Value::as_str).unwrap_or_default();
        let text = get(&self.client, &self.upstream, id).await;
        let text = text.map_err(|why| ErrorData::internal_error(why.to_string(), None))?;
        Ok(CallToolResponse::Complete(CallToolResult::success(vec![ContentBlock::text(text)])))
    }
}

/// Sends the request of the bookshop's `get_book`, and returns the response text.
pub(super) async fn get(
    client: &Client<HttpConnector, Empty<Bytes>>,
    upstream: &str,
    id: &str,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let request = hyper::Request::get(format!("{upstream}/v1/books/{id}"))
        .header("accept", "application/json")
        .header("authorization", "Bearer token-of-the-shop")
        .body(Empty::new())?;
    let body = client.request(request).await?.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec())?)
}
