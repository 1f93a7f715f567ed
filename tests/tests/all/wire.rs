//! A connection to a connector over in-process streams, used message by message.

use jackfield_runtime::{Service, serve_streams};
use serde_json::{Map, Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};

/// The client's end of the connection.
pub(crate) struct Wire {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    sink: WriteHalf<DuplexStream>,
}

impl Wire {
    /// Opens a connection without sending a message.
    pub(crate) fn open(service: Service) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        tokio::spawn(serve_streams(service, input, output));
        let (source, sink) = tokio::io::split(ours);
        Self { lines: BufReader::new(source).lines(), sink }
    }

    /// Opens a connection with protocol revision 2025-11-25, as a client with these capabilities.
    pub(crate) async fn legacy(service: Service, capabilities: Value) -> Self {
        let mut wire = Self::open(service);
        let client = json!({ "name": "by hand", "version": "1" });
        let hello =
            json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client });
        wire.request("hello", "initialize", hello).await;
        wire.answer("hello").await;
        wire.send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        wire
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.sink.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    pub(crate) async fn request(&mut self, id: &str, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
    }

    /// Sends a request of protocol revision 2026-07-28, and returns the response.
    pub(crate) async fn modern(&mut self, id: &str, method: &str, params: Value) -> Value {
        self.request(id, method, with_meta(params, json!({ "elicitation": {} }))).await;
        self.answer(id).await
    }

    /// Returns the next message of the connector.
    pub(crate) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }

    /// Returns the response to a request, and skips other messages before it.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }
}

/// Adds the metadata of protocol revision 2026-07-28 to parameters.
pub(crate) fn with_meta(params: Value, capabilities: Value) -> Value {
    let mut params = match params {
        Value::Object(params) => params,
        _ => Map::new(),
    };
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "by hand", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    params.insert("_meta".to_owned(), meta);
    Value::Object(params)
}
