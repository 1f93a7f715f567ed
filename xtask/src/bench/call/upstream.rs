//! A service that answers every request with the same book, without delay.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::failure::Failure;

const BOOK: &str = r#"{"id":"bk_1","title":"The Tailor of Gloucester","author":"Beatrix Potter","genre":"children","isbn":"9780723247722","price":{"amount":"7.99","currency":"GBP"},"inStock":12,"published":"1903-10-01"}"#;

/// Starts the service, and returns its base URL.
pub(in crate::bench) async fn start() -> Result<String, Failure> {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = TcpListener::bind(local).await.map_err(Failure::while_("listening"))?;
    let address = listener.local_addr().map_err(Failure::while_("listening"))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(answer(stream));
        }
    });
    Ok(format!("http://{address}"))
}

/// Answers each request as soon as its header section ends, because the requests have no bodies.
async fn answer(mut stream: TcpStream) {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BOOK}",
        BOOK.len()
    );
    let mut head = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut head).await {
        while let Some(at) = head.windows(4).position(|end| end == b"\r\n\r\n") {
            head.drain(..at + 4);
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
