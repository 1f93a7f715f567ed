//! Routes requests to the account connection pages.

use std::time::Instant;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use jackfield_runtime::{PageRequest, Pages, Pending, Principal};
use serde_json::json;

use super::Connect;
use super::address::{Address, PATH};
use super::browser::{field, is_for, is_own_form};
use super::html::{Page, document, escaped, page, told};
use super::offers::Offer;
use super::steps::gone;

/// The page that a path names.
enum Target<'p> {
    /// The form of the link with this id.
    Link(&'p str),
    /// The redirect URI for a connector's authorization server. `None` for the issuer.
    Callback(Option<&'p str>),
    /// The client metadata document for a connector's authorization server. `None` for the issuer.
    Client(Option<&'p str>),
}

impl<'p> Target<'p> {
    fn parse(path: &'p str) -> Option<Self> {
        let rest = path.strip_prefix(PATH)?.strip_prefix('/')?;
        match rest.split_once('/') {
            None if rest == "callback" => Some(Self::Callback(None)),
            None if rest == "client" => Some(Self::Client(None)),
            None => Some(Self::Link(rest)),
            Some(("callback", connector)) => Some(Self::Callback(Some(connector))),
            Some(("client", connector)) => Some(Self::Client(Some(connector))),
            Some(_) => None,
        }
    }
}

impl Pages for Connect {
    fn begin(&self, endpoint: &str) {
        match Address::of_endpoint(endpoint) {
            Some(address) => self.set_address(address),
            None => tracing::warn!(
                endpoint,
                "there are no links for accounts, because this address does not end with /mcp"
            ),
        }
    }

    fn has(&self, path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn expects(&self, request: &PageRequest) -> bool {
        match Target::parse(&request.path) {
            Some(Target::Link(id)) => self.offers().get(id, Instant::now()).is_some(),
            Some(Target::Callback(_)) => {
                field(request.query.as_bytes(), "state").is_some_and(|state| self.waiting().has(&state))
            }
            _ => false,
        }
    }

    fn answer(&self, request: PageRequest) -> Pending<'_, Response<Bytes>> {
        Box::pin(async move { self.page(&request).await })
    }
}

impl Connect {
    async fn page(&self, request: &PageRequest) -> Page {
        let refused = |status, text: &str| told(status, "Nothing was done", text);
        let Some(address) = self.address.get().filter(|address| is_for(address, &request.headers)) else {
            return refused(StatusCode::MISDIRECTED_REQUEST, "This host name is not served here.");
        };
        let is_get = request.method == Method::GET;
        match Target::parse(&request.path) {
            Some(Target::Link(id)) if is_get => match self.offers().get(id, Instant::now()) {
                Some(offer) => form(offer),
                None => gone(),
            },
            Some(Target::Link(id)) if request.method == Method::POST => {
                if !is_own_form(address, &request.headers) {
                    return refused(StatusCode::FORBIDDEN, "The form was not sent by a page of this server.");
                }
                self.begun(address, id, request).await
            }
            Some(Target::Callback(connector)) if is_get => self.redirected(address, connector, request).await,
            Some(Target::Client(connector)) if is_get => self.client_document(address, connector),
            Some(_) => refused(StatusCode::METHOD_NOT_ALLOWED, "This method is not allowed here."),
            None => refused(StatusCode::NOT_FOUND, "There is nothing here."),
        }
    }

    /// Returns the client metadata document, which authorization servers fetch by the client id.
    fn client_document(&self, address: &Address, connector: Option<&str>) -> Page {
        let client = Self::client(address, connector);
        let is_known = match connector {
            Some(connector) => self.server(connector).is_some(),
            None => self.issuer.is_some(),
        };
        let Some(id) = client.document.filter(|_| is_known) else {
            return told(StatusCode::NOT_FOUND, "Nothing was done", "There is nothing here.");
        };
        let name =
            connector.map_or_else(|| "Jackfield gateway".to_owned(), |it| format!("Jackfield gateway, {it}"));
        document(&json!({
            "client_id": id,
            "client_name": name,
            "client_uri": address.origin,
            "redirect_uris": [client.redirect],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "web",
        }))
    }
}

/// Returns the form on which the user of a link authenticates.
fn form(offer: &Offer) -> Page {
    let Offer { connector, upstream, owner, .. } = offer;
    let (connector, url, who) = (escaped(connector), escaped(&upstream.url), escaped(&owner.to_string()));
    let proof = match owner {
        Principal::Token(_) => format!(
            "<p>To show that this agent is yours, enter the token of <b>{who}</b>, which is in the settings of its client. Never enter a token that somebody has sent you.</p>\n<p><label>Token of the agent <input type=\"password\" name=\"token\" autocomplete=\"off\" required></label></p>\n<p><button>Continue</button></p>"
        ),
        _ => "<p>Log in to show who you are.</p>\n<p><button>Log in</button></p>".to_owned(),
    };
    let body = format!(
        "<p>The agent <b>{who}</b> asks to use your account at the server <b>{connector}</b> (<code>{url}</code>).</p>\n<p>Go on only if you have just asked this agent to do so. From then on, its calls are made with your account.</p>\n<form method=\"post\">{proof}</form>"
    );
    page(StatusCode::OK, "Connect your account", &body)
}
