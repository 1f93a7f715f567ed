//! Downloads the file of a bundle.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use jackfield_runtime::{Environment, RemoteHttp};

use crate::config::is_loopback;
use crate::package::fault::PackageFault;

/// The maximum number of bytes of a file, and of redirects.
const MOST_BYTES: usize = 256 << 20;
const MOST_REDIRECTS: usize = 5;
/// The time limit of the whole download.
const PATIENCE: Duration = Duration::from_secs(300);

/// Downloads a file. Redirects are followed to other servers over TLS, because forges store files elsewhere. No credential is sent.
///
/// # Errors
/// Returns an error if the file cannot be read within the limits.
pub(super) async fn download(url: &str, environment: &Environment) -> Result<Bytes, PackageFault> {
    let late = || PackageFault::new(format!("{url} was not read within {} seconds", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, followed(url, environment)).await.unwrap_or_else(|_| Err(late()))
}

async fn followed(url: &str, environment: &Environment) -> Result<Bytes, PackageFault> {
    let mut current = url.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        let told = |why: String| PackageFault::new(format!("{current} cannot be downloaded: {why}"));
        let remote = RemoteHttp::new("bundle", &current, environment);
        let remote = remote.map_err(|error| told(error.to_string()))?;
        let sent = remote.send(Method::GET, HeaderMap::new(), Bytes::new()).await;
        let answer = sent.map_err(|error| told(error.to_string()))?;
        if answer.status().is_redirection() {
            let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let next = location.and_then(|location| resolved(&current, location));
            let next = next.ok_or_else(|| told("it redirects to no URL".to_owned()))?;
            let is_local = is_loopback(&current) && is_loopback(&next);
            if !next.starts_with("https://") && !is_local {
                return Err(told(format!("it redirects to {next}, which is not protected by TLS")));
            }
            current = next;
            continue;
        }
        if answer.status() != StatusCode::OK {
            return Err(told(format!("it answers with status {}", answer.status().as_u16())));
        }
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
        return Ok(body.map_err(|error| told(error.to_string()))?.to_bytes());
    }
    Err(PackageFault::new(format!("{url} redirects more than {MOST_REDIRECTS} times")))
}

/// Returns the URL of a redirect: a whole one, or a path at the same server.
fn resolved(current: &str, location: &str) -> Option<String> {
    if location.contains("://") {
        return Some(location.to_owned());
    }
    let origin = jackfield_recipe::origin_of(current)?;
    (location.starts_with('/') && !location.starts_with("//")).then(|| format!("{origin}{location}"))
}
