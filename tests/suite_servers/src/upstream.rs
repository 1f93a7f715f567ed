//! The API that the generated tools call, on a thread of this process.

use std::io;
use std::sync::mpsc;
use std::thread;

use jackfield_testkit::{Answer, Recorded, Upstream};

use crate::content::{IMAGE, SOUND};

/// Starts the API, and returns its base URL.
///
/// # Errors
/// Returns an error if no port could be bound.
pub(crate) fn start() -> io::Result<String> {
    let (sender, started) = mpsc::channel();
    thread::spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return sender.send(Err(error)),
        };
        runtime.block_on(async {
            let upstream = match Upstream::start(answer).await {
                Ok(upstream) => upstream,
                Err(error) => return sender.send(Err(error)),
            };
            let sent = sender.send(Ok(upstream.base_url()));
            std::future::pending::<()>().await;
            sent
        })
    });
    started.recv().unwrap_or_else(|_| Err(io::Error::other("the API did not start")))
}

fn answer(request: &Recorded) -> Answer {
    match request.path() {
        "/text" => Answer::text(200, "This is a simple text response for testing."),
        "/image" => Answer::bytes(200, "image/png", IMAGE),
        "/audio" => Answer::bytes(200, "audio/wav", SOUND),
        _ => Answer::text(500, "This tool intentionally returns an error for testing"),
    }
}
