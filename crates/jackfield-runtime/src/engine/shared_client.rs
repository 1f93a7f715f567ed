//! Tests that API calls and token requests share one HTTP client, and so one trust store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Map;
use tokio::net::TcpListener;

use super::api::Api;
use super::service::Service;
use crate::call::args::{ArgError, Args};
use crate::call::request::Request;
use crate::call::rows::FlowKind;
use crate::common::caller::{Caller, Channel};
use crate::common::environment::Environment;
use crate::transport::tls::TRUST_STORES;
use crate::v1::{Connector, Flow, Group, Need, Scheme, Tool};

const OPEN: Tool = Tool::new("open", "GET", "/open", bind);
const GRANTED: Tool = Tool::new("granted", "GET", "/granted", bind).security(&[&[Need::scheme("oauth")]]);

static GROUPS: &[Group] = &[Group::new("", &[&OPEN, &GRANTED])];

fn bind(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

/// Creates a connector whose API and token endpoint have the same local address.
fn connector(address: &str) -> &'static Connector {
    let token: &'static str = Box::leak(format!("https://{address}/token").into_boxed_str());
    let flows = Box::leak(Box::new([Flow::new(FlowKind::ClientCredentials).token(token)]));
    let schemes = Box::leak(Box::new([Scheme::oauth2("oauth").flows(flows)]));
    Box::leak(Box::new(Connector::new("shop").schemes(schemes).groups(GROUPS)))
}

/// Calls a tool without a token twice, and a tool with a token once. Returns the number of trust stores that were read.
async fn trust_stores(api: impl FnOnce(&'static Connector, Environment) -> Api) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    // The server never answers the handshake. The client reads the trust store before the handshake.
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault").display().to_string();
    let base = format!("https://{address}");
    let variables = [
        ("SHOP_BASE_URL", base.as_str()),
        ("SHOP_CLIENT_ID", "client"),
        ("SHOP_CLIENT_SECRET", "secret"),
        ("JACKFIELD_VAULT", &vault),
        ("JACKFIELD_VAULT_PASSPHRASE", "passphrase of the test"),
    ];
    let service = Service::new(api(connector(&address), Environment::of(variables)), Vec::new()).unwrap();
    let before = TRUST_STORES.get();
    for (tool, at_least) in [("open", 1), ("open", 2), ("granted", 3)] {
        let result = service.call(tool, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap();
        assert!(result.is_error(), "{tool} succeeded without a service");
        assert!(connections.load(Ordering::SeqCst) >= at_least, "{tool}: {}", result.as_text());
    }
    TRUST_STORES.get() - before
}

#[tokio::test]
async fn local_calls_and_token_requests_share_one_trust_store() {
    assert_eq!(trust_stores(Api::new).await, 1);
}
