//! Tests of OAuth flows and faults against scripted servers.

mod faults;
mod login;
mod loopback;
mod processes;
mod renewal;
mod script;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{OAuth, TimeLimits};
use crate::auth::Missing;
use crate::auth::records::{Memory, Records};
use crate::auth::store::Store;
use crate::call::args::{ArgError, Args};
use crate::call::request::Request;
use crate::common::clock::Clock;
use crate::common::environment::{Environment, Setting};
use crate::common::secret::Secret;
use crate::transport::client::HttpClient;
use crate::v1::{Connector, Group, Need, Scheme, Tool};
use script::leak;

/// The time limits in tests. They are long enough for a slow machine, and short enough that a failing test ends
/// soon.
const TIME_LIMITS: TimeLimits = TimeLimits {
    answer: Duration::from_millis(500),
    login: Duration::from_secs(5),
    second: Duration::from_millis(5),
};

/// The client identifier and secret in most tests.
const CLIENT: [(&str, &str); 2] = [("SHOP_CLIENT_ID", "me"), ("SHOP_CLIENT_SECRET", "canary-of-client")];

/// A process that runs a connector with one scheme, and a clock that the test sets.
struct Shop {
    connector: &'static Connector,
    variables: Vec<(String, String)>,
    records: Arc<Memory>,
    time: Arc<AtomicU64>,
    oauth: OAuth,
}

const fn bind(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

static LIST: Tool =
    Tool::new("list", "GET", "/", bind).security(&[&[Need::scheme("oauth").scopes(&["books.read"])]]);

static GROUPS: [Group; 1] = [Group::new("", &[&LIST])];

impl Shop {
    fn new(scheme: Scheme, variables: &[(&str, &str)]) -> Self {
        let connector =
            leak(Connector::new("shop").schemes(std::slice::from_ref(leak(scheme))).groups(&GROUPS));
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (records, time) = (Arc::new(Memory::default()), Arc::new(AtomicU64::new(1_000_000)));
        let oauth = engine(connector, &variables, Arc::<Memory>::clone(&records), &time);
        Self { connector, variables, records, time, oauth }
    }

    /// Creates another process of the same user.
    fn again(&self) -> Self {
        self.changed(self.connector.schemes[0])
    }

    /// Creates another process whose document has changed.
    fn changed(&self, scheme: Scheme) -> Self {
        let connector = leak(Connector { schemes: std::slice::from_ref(leak(scheme)), ..*self.connector });
        Self {
            connector,
            variables: self.variables.clone(),
            records: Arc::clone(&self.records),
            time: Arc::clone(&self.time),
            oauth: engine(connector, &self.variables, Arc::<Memory>::clone(&self.records), &self.time),
        }
    }

    fn scheme(&self) -> &'static Scheme {
        &self.connector.schemes[0]
    }

    async fn token(&self) -> Result<String, String> {
        said(self.oauth.token(self.scheme(), &["books.read"]).await)
    }

    async fn renewed(&self, refused: &str) -> Result<Option<String>, String> {
        let refused = Secret::new(refused.to_owned());
        let renewed = self.oauth.renewed(self.scheme(), &refused).await;
        renewed.map(|token| token.map(|token| token.expose().to_owned())).map_err(|missing| missing.remedy)
    }

    fn passes(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    fn record(&self, what: &str) -> Option<serde_json::Value> {
        let record = self.records.get(&format!("shop/oauth/{what}")).unwrap();
        record.map(|record| serde_json::from_str(record.expose()).unwrap())
    }

    /// Returns the value of a field of the token record.
    fn kept(&self, field: &str) -> String {
        self.record("granted")
            .map_or(String::new(), |record| record[field].as_str().unwrap_or_default().to_owned())
    }
}

fn engine(
    connector: &'static Connector,
    variables: &[(String, String)],
    records: Arc<dyn Records>,
    time: &Arc<AtomicU64>,
) -> OAuth {
    engine_of(connector, variables, records, time, http(connector))
}

fn engine_of(
    connector: &'static Connector,
    variables: &[(String, String)],
    records: Arc<dyn Records>,
    time: &Arc<AtomicU64>,
    http: HttpClient,
) -> OAuth {
    let store = Store::new(Environment::of(variables.iter().cloned()), records, "shop-mcp");
    let time = Arc::clone(time);
    let clock = Clock::of(move || std::time::UNIX_EPOCH + Duration::from_secs(time.load(Ordering::SeqCst)));
    OAuth::new(&connector.into(), &Arc::new(store), &Arc::new(http), &clock, TIME_LIMITS)
}

/// Creates an HTTP client for a connector whose API is on this machine. The authorization server of such a connector may be on this
/// machine, too.
fn http(connector: &'static Connector) -> HttpClient {
    HttpClient::of(
        connector,
        &Environment::of([(Setting::BaseUrl.variable(connector.name), "http://127.0.0.1:9")]),
    )
}

fn said(token: Result<Secret, Missing>) -> Result<String, String> {
    token.map(|token| token.expose().to_owned()).map_err(|missing| missing.remedy)
}
