//! Fetches files for `--fetch`. Size and time are limited, and only public addresses are contacted.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jackfield_build::Fetch;
use jackfield_runtime::{AddressClass, CheckedConnector, RefusedAddress};

const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Fetches files over HTTP. A redirect is refused, because the pinned digest belongs to the URL in the document.
pub(crate) struct HttpFetch {
    /// The most private class of addresses from which files may be fetched.
    most: AddressClass,
}

impl HttpFetch {
    /// Creates a client that contacts only public addresses.
    pub(crate) const fn new() -> Self {
        Self { most: AddressClass::Public }
    }

    /// Creates a client that also contacts servers on this machine, for tests.
    #[cfg(test)]
    pub(crate) const fn from_this_machine() -> Self {
        Self { most: AddressClass::Loopback }
    }

    async fn get(&self, address: &str, limit: usize) -> Result<Vec<u8>, String> {
        let target: http::Uri = address.parse().map_err(|_| "it is not a valid URL".to_owned())?;
        if target.host().is_none() {
            return Err("its URL has no host".to_owned());
        }
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| format!("the certificates of this machine cannot be read: {error}"))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(CheckedConnector::at_most(self.most));
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(tls);
        let reply = client.get(target).await.map_err(|error| innermost(&error))?;
        if !reply.status().is_success() {
            return Err(format!("the server answered {}", reply.status()));
        }
        let body = Limited::new(reply.into_body(), limit).collect().await;
        Ok(body.map_err(|error| format!("{error} (at most {limit} bytes are read)"))?.to_bytes().to_vec())
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, address: &str, limit: usize) -> Result<Vec<u8>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let get = async { tokio::time::timeout(TIME_LIMIT, self.get(address, limit)).await };
        match runtime.block_on(get) {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("no answer within {} seconds", TIME_LIMIT.as_secs())),
        }
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(refused) = cause.downcast_ref::<RefusedAddress>() {
            return format!("{refused}; nothing is fetched from a private address");
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => return cause.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_address_is_never_fetched() {
        for address in [
            "http://127.0.0.1:9/a.yaml",
            "http://localhost:9/a.yaml",
            "http://[::1]:9/a.yaml",
            "http://2130706433/a.yaml",
            "http://[::ffff:127.0.0.1]:9/a.yaml",
        ] {
            let error = HttpFetch::new().fetch(address, 100).unwrap_err();
            assert!(error.contains("this machine"), "{address}: {error}");
        }
    }

    #[test]
    fn file_larger_than_the_limit_is_refused() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let upstream = runtime.block_on(jackfield_testkit::Upstream::answering(
            jackfield_testkit::Answer::text(200, "0123456789"),
        ));
        let upstream = upstream.unwrap();
        let open = HttpFetch::from_this_machine();
        let address = format!("{}/a.yaml", upstream.base_url());
        assert_eq!(open.fetch(&address, 10), Ok(b"0123456789".to_vec()));
        assert!(open.fetch(&address, 9).is_err());
    }
}
