//! The MCP transport over a pair of streams, with one message in each line.
//!
//! The transport of the SDK cannot print structured content from prepared text. It also parses a message by trying
//! every kind of message in turn, which takes longer than the rest of a tool call.

use std::future::Future;
use std::io;
use std::pin::Pin;

use rmcp::model::{ErrorData, JsonRpcMessage};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use serde_json::error::Category;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};

use super::handler::Handler;
use super::line_calls::LineCalls;
use super::line_output::LineOutput;
use super::structured_text::print;
use super::usual_call::UsualCall;
use super::usual_message::UsualMessage;

/// The maximum length of a line, as in the SDK.
const MAX_LINE: usize = 16 * 1024 * 1024;

/// A pair of streams that carries one message in each line.
pub(super) struct LineTransport<R, W> {
    input: BufReader<R>,
    /// The beginning of an incomplete line. It is kept if the SDK stops waiting for a message.
    line: Vec<u8>,
    /// Whether the rest of a line is skipped because it is too long.
    is_skipping: bool,
    output: LineOutput<W>,
    /// The calls that are answered without the SDK.
    calls: LineCalls,
    /// The answer to an invalid message. It is sent before the next message is read.
    refusal: Option<Sending>,
}

type Sending = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// The content of a line.
enum Content {
    Message(Box<RxJsonRpcMessage<RoleServer>>),
    /// JSON that is not an MCP message.
    Invalid,
    /// A line that is already handled, or is ignored without an answer.
    Nothing,
}

impl<R, W> LineTransport<R, W>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// Creates a transport for the client of `handler`.
    pub(super) fn new(handler: Handler, input: R, output: W) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
            is_skipping: false,
            output: LineOutput::new(output),
            calls: LineCalls::new(handler),
            refusal: None,
        }
    }

    /// Reads a line into `self.line`, with its line break. Returns false at the end of the input.
    ///
    /// If the future is dropped, the next call of this function continues with the same line.
    async fn read_line(&mut self) -> io::Result<bool> {
        loop {
            let available = self.input.fill_buf().await?;
            if available.is_empty() {
                return Ok(false);
            }
            let end = available.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let length = end.unwrap_or(available.len());
            if !self.is_skipping {
                self.line.extend_from_slice(&available[..length]);
            }
            self.input.consume(length);
            if self.line.len() > MAX_LINE {
                tracing::error!(limit = MAX_LINE, "a message is too long, and is ignored");
                self.line = Vec::new();
                self.is_skipping = true;
            }
            if end.is_some() && !std::mem::take(&mut self.is_skipping) {
                return Ok(true);
            }
        }
    }

    /// Parses `self.line`. Begins or cancels a call if the SDK does not have to.
    fn parse(&self) -> Content {
        let line = self.line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.line).trim_ascii();
        if line.is_empty() {
            return Content::Nothing;
        }
        if let Some(message) = UsualMessage::parse(line) {
            if let Some(call) = UsualCall::of(&message) {
                return match self.calls.begin(call, &self.output) {
                    Ok(()) => Content::Nothing,
                    Err(call) => Content::Message(Box::new(call.into_message())),
                };
            }
            if message.cancelled_call().is_some_and(|id| self.calls.cancel(&id)) {
                return Content::Nothing;
            }
        }
        let error = match serde_json::from_slice(line) {
            Ok(message) => return Content::Message(Box::new(message)),
            Err(error) => error,
        };
        tracing::debug!(%error, "a line is not a message");
        match error.classify() {
            // The line has no id to answer. If the client echoed an answer, the exchange would never end.
            Category::Syntax | Category::Eof => Content::Nothing,
            // Notifications are not answered.
            _ if is_notification(line) => Content::Nothing,
            _ => Content::Invalid,
        }
    }
}

impl<R, W> Transport<RoleServer> for LineTransport<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        self.calls.note_sent(&message);
        let output = self.output.clone();
        async move {
            let mut line = print(message)?;
            line.push(b'\n');
            output.write(&line).await
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(refusal) = &mut self.refusal {
                let sent = refusal.await;
                self.refusal = None;
                sent.ok()?;
            }
            match self.read_line().await {
                Ok(true) => {}
                Ok(false) => {
                    self.calls.finish().await;
                    return None;
                }
                Err(error) => {
                    tracing::error!(%error, "the input cannot be read");
                    return None;
                }
            }
            let content = self.parse();
            self.line.clear();
            match content {
                Content::Message(message) => {
                    self.calls.note_received(&message);
                    return Some(*message);
                }
                Content::Nothing => {}
                Content::Invalid => {
                    let error = ErrorData::invalid_request("Invalid request", None);
                    self.refusal = Some(Box::pin(self.send(JsonRpcMessage::error(error, None))));
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.output.close().await;
        Ok(())
    }
}

fn is_notification(line: &[u8]) -> bool {
    let message: Value = serde_json::from_slice(line).unwrap_or_default();
    message.get("method").is_some_and(Value::is_string) && message.get("id").is_none()
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;
    use crate::call::rows::Connector;
    use crate::common::caller::Channel;
    use crate::common::environment::Environment;
    use crate::engine::api::Api;
    use crate::engine::service::Service;

    static SHOP: Connector<'static> = Connector::new("shop");

    #[tokio::test]
    async fn invalid_message_is_refused_and_too_long_line_is_skipped() {
        let (client, server) = tokio::io::duplex(1 << 16);
        let (input, output) = tokio::io::split(server);
        let api = Api::new(&SHOP, Environment::of::<&str, &str>([]));
        let handler = Handler::new(Service::new(api, Vec::new()).unwrap(), Channel::Stdio);
        let mut transport = LineTransport::new(handler, input, output);
        let (answers, mut lines) = tokio::io::split(client);
        let write = tokio::spawn(async move {
            lines.write_all(b"\n\r\nno JSON\n{\"method\":\"other\"}\n{\"id\":1}\n").await.unwrap();
            lines.write_all(&vec![b'x'; MAX_LINE + 10]).await.unwrap();
            lines
                .write_all(b"\n\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"ping\"}\r\n{\"cut")
                .await
                .unwrap();
            lines.shutdown().await.unwrap();
        });
        let ping = transport.receive().await.unwrap();
        assert_eq!(serde_json::to_value(&ping).unwrap()["id"], 4);
        write.await.unwrap();
        assert!(transport.receive().await.is_none());
        transport.close().await.unwrap();
        let mut answer = String::new();
        BufReader::new(answers).read_line(&mut answer).await.unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&answer).unwrap(),
            serde_json::json!({ "jsonrpc": "2.0", "error": { "code": -32600, "message": "Invalid request" } })
        );
        let late = transport.send(JsonRpcMessage::error(ErrorData::internal_error("x", None), None)).await;
        assert_eq!(late.unwrap_err().kind(), io::ErrorKind::NotConnected);
    }
}
