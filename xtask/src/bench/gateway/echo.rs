//! A fast MCP server for one era of the protocol, whose tools answer without delay. The measured gateways call it.

use std::convert::Infallible;
use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

use crate::failure::Failure;

#[derive(clap::Args, Debug)]
pub(crate) struct Echo {
    /// The number of tools: `echo`, and further tools that are never called
    #[arg(long, default_value_t = 1)]
    tools: usize,
    /// Serve over HTTP at a free port, which is printed, instead of over stdio
    #[arg(long)]
    http: bool,
}

pub(crate) fn run(echo: &Echo) -> Result<ExitCode, Failure> {
    let tools = tools(echo.tools);
    if !echo.http {
        return stdio(&tools);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Failure::while_("starting tokio"))?.block_on(http(tools))?;
    Ok(ExitCode::SUCCESS)
}

/// Creates the list of tools. Descriptions and schemas are as long as in typical servers.
fn tools(count: usize) -> Value {
    let tool = |at: usize| {
        let name = if at == 0 { "echo".to_owned() } else { format!("look_up_{at}") };
        json!({
            "name": name,
            "description": "Looks a thing up by its id, and returns its name, its state and the time of its last change. Use it before a change.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "message": { "type": "string", "description": "The text that is returned" },
                    "limit": { "type": "integer", "minimum": 1, "maximum": 100, "description": "The maximum number of entries" },
                },
                "required": ["message"],
            },
        })
    };
    (0..count).map(tool).collect()
}

/// Returns the answer to a message, or `None` for a notification.
fn answer(message: &Value, tools: &Value) -> Option<Value> {
    let id = message.get("id")?;
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => json!({
            "protocolVersion": message["params"]["protocolVersion"],
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "echo", "version": "1" },
        }),
        "tools/list" => json!({ "tools": tools }),
        "tools/call" => {
            json!({ "content": [{ "type": "text", "text": message["params"]["arguments"]["message"] }] })
        }
        "ping" => json!({}),
        _ => {
            return Some(
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "unknown" } }),
            );
        }
    };
    Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn stdio(tools: &Value) -> Result<ExitCode, Failure> {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(Failure::while_("reading"))?;
        let message = serde_json::from_str(&line).map_err(Failure::while_("reading a message"))?;
        if let Some(answer) = answer(&message, tools) {
            writeln!(output, "{answer}").and_then(|()| output.flush()).map_err(Failure::while_("writing"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn http(tools: Value) -> Result<(), Failure> {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = tokio::net::TcpListener::bind(local).await.map_err(Failure::while_("listening"))?;
    println!("http://{}/mcp", listener.local_addr().map_err(Failure::while_("listening"))?);
    let tools: &'static Value = Box::leak(Box::new(tools));
    loop {
        let (stream, _) = listener.accept().await.map_err(Failure::while_("accepting"))?;
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |request| respond(request, tools));
        tokio::spawn(async move {
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(request: Request<Incoming>, tools: &Value) -> Result<Response<Full<Bytes>>, Infallible> {
    let status = |status| {
        let mut response = Response::new(Full::default());
        *response.status_mut() = status;
        Ok(response)
    };
    if request.method() != Method::POST {
        // The server has neither a stream of notifications nor sessions.
        return status(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Ok(body) = request.into_body().collect().await else { return status(StatusCode::BAD_REQUEST) };
    let Ok(message) = serde_json::from_slice(&body.to_bytes()) else {
        return status(StatusCode::BAD_REQUEST);
    };
    let Some(answer) = answer(&message, tools) else { return status(StatusCode::ACCEPTED) };
    let mut response = Response::new(Full::from(answer.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
