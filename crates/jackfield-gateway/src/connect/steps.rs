//! The steps of connecting an account: first the agent's token or a login at the issuer as proof, then the login at the server.

use std::sync::PoisonError;
use std::time::Instant;

use http::StatusCode;
use jackfield_runtime::{PageRequest, Pins, Principal, Secret, UnknownCaller};

use super::Connect;
use super::address::Address;
use super::browser::{field, has_cookie, new_cookie, no_cookie};
use super::html::{Page, escaped, page, redirect, told, with_cookie};
use super::offers::Offer;
use super::waiting::{Step, WaitingLogin};
use crate::account::{LoginDocument, discover, source_of};

const NOT_CONNECTED: &str = "The account is not connected";

impl Connect {
    /// Starts to connect an account after a browser has posted the form of a link.
    pub(super) async fn begun(&self, address: &Address, id: &str, request: &PageRequest) -> Page {
        let Some(offer) = self.offers().get(id, Instant::now()).cloned() else { return gone() };
        // gateway.toml may have changed the server's URL since the link was created.
        if self.server(&offer.connector).as_ref() != Some(&offer.upstream) {
            return gone();
        }
        let proof = match &offer.owner {
            Principal::Token(_) => match self.proof(id, &offer, request).await {
                Ok(token) => Some(token),
                Err(page) => return *page,
            },
            _ => None,
        };
        let Some((cookie, header)) = new_cookie(address) else {
            return told(
                StatusCode::INTERNAL_SERVER_ERROR,
                NOT_CONNECTED,
                "This machine gives no random numbers.",
            );
        };
        // From here on, the link cannot be used a second time.
        let Some(offer) = self.offers().take(id, Instant::now()) else { return gone() };
        let begun = match &offer.owner {
            Principal::Token(_) => self.log_in(address, offer.clone(), cookie, proof).await,
            _ => self.identify(address, offer.clone(), cookie).await,
        };
        match begun {
            Ok(target) => with_cookie(onward(&offer, &target), &header),
            Err(why) => {
                self.offers().give_back(id.to_owned(), offer);
                told(StatusCode::BAD_GATEWAY, NOT_CONNECTED, &why)
            }
        }
    }

    /// Returns the token in the form if it belongs to the caller that asked for the link, or else the page that refuses it.
    async fn proof(&self, id: &str, offer: &Offer, request: &PageRequest) -> Result<Secret, Box<Page>> {
        let token = Secret::new(field(&request.body, "token").unwrap_or_default().trim().to_owned());
        let refused = |status, text: &str| Err(Box::new(told(status, NOT_CONNECTED, text)));
        match request.callers.holder(&token).await {
            Ok(holder) if holder == offer.owner => Ok(token),
            Ok(_) | Err(UnknownCaller::Refused) => {
                self.offers().count_wrong(id);
                refused(
                    StatusCode::FORBIDDEN,
                    "This is not the token of the agent that asked for the account. Nothing was connected.",
                )
            }
            Err(UnknownCaller::TooMany) => {
                refused(StatusCode::TOO_MANY_REQUESTS, "Too many attempts. Try it later.")
            }
            Err(UnknownCaller::Unavailable) => refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "Tokens cannot be checked at the moment. Try it later.",
            ),
        }
    }

    /// Starts the login at the issuer, which authenticates the user. Returns the URL of the login.
    async fn identify(&self, address: &Address, offer: Offer, cookie: Secret) -> Result<String, String> {
        let issuer = self.issuer.as_ref().ok_or("the gateway has no issuer")?;
        let (source, scheme) = issuer.source(&address.endpoint, &self.environment);
        let login = source.begin_web_login(scheme.name(), &Self::client(address, None)).await;
        let login = login.map_err(|error| error.to_string())?;
        self.wait(WaitingLogin { offer, login, step: Step::Identify, cookie, proof: None })
    }

    /// Starts the login at the server. Returns the URL of the login.
    async fn log_in(
        &self,
        address: &Address,
        offer: Offer,
        cookie: Secret,
        proof: Option<Secret>,
    ) -> Result<String, String> {
        let Offer { connector, upstream, owner, .. } = &offer;
        let authorization = discover(connector, &upstream.url, &self.environment).await?;
        let document = LoginDocument { url: upstream.url.clone(), authorization: Some(authorization) };
        let (source, scheme) = source_of(connector, upstream, &document, &self.environment, Some(owner));
        let login = source.begin_web_login(scheme.name(), &Self::client(address, Some(connector))).await;
        let login = login.map_err(|error| error.to_string())?;
        self.wait(WaitingLogin { offer, login, step: Step::Connect(document), cookie, proof })
    }

    fn wait(&self, waiting: WaitingLogin) -> Result<String, String> {
        let target = waiting.login.address().to_owned();
        match self.waiting().add(waiting, Instant::now()) {
            true => Ok(target),
            false => Err("Too many logins are open. Try it later.".to_owned()),
        }
    }

    /// Handles the redirect from an authorization server.
    pub(super) async fn redirected(
        &self,
        address: &Address,
        connector: Option<&str>,
        request: &PageRequest,
    ) -> Page {
        let state = field(request.query.as_bytes(), "state").unwrap_or_default();
        // A `state` is accepted only once, even if a later check fails.
        let Some(waiting) = self.waiting().take(&state, Instant::now()) else {
            return told(
                StatusCode::BAD_REQUEST,
                NOT_CONNECTED,
                "This answer belongs to no login that is waiting here. Call the tool again, and use its new link.",
            );
        };
        let expected = match &waiting.step {
            Step::Identify => None,
            Step::Connect(_) => Some(waiting.offer.connector.as_str()),
        };
        if connector != expected || !has_cookie(address, &request.headers, &waiting.cookie) {
            return told(
                StatusCode::FORBIDDEN,
                NOT_CONNECTED,
                "This browser has not begun the login that this answer belongs to. Nothing was connected.",
            );
        }
        let done = self.continued(address, waiting, request).await;
        done.unwrap_or_else(|why| {
            with_cookie(told(StatusCode::FORBIDDEN, NOT_CONNECTED, &why), &no_cookie(address))
        })
    }

    async fn continued(
        &self,
        address: &Address,
        waiting: WaitingLogin,
        request: &PageRequest,
    ) -> Result<Page, String> {
        let WaitingLogin { offer, login, step, cookie, proof } = waiting;
        let callers = &request.callers;
        match step {
            Step::Identify => {
                let issuer = self.issuer.as_ref().ok_or("The gateway has no issuer.")?;
                let (source, scheme) = issuer.source(&address.endpoint, &self.environment);
                let token = source.identify_web_login(scheme.name(), login, &request.query).await;
                let token = token.map_err(|error| error.to_string())?;
                if callers.holder(&token).await.ok().as_ref() != Some(&offer.owner) {
                    return Err(
                        "You are not the person who asked for the account: you are logged in as somebody else. Nothing was connected."
                            .to_owned(),
                    );
                }
                self.log_in(address, offer, cookie, None).await.map(|target| redirect(&target))
            }
            Step::Connect(document) => {
                if let Some(token) = &proof
                    && callers.holder(token).await.ok().as_ref() != Some(&offer.owner)
                {
                    return Err(
                        "The token of the agent was revoked meanwhile. Nothing was connected.".to_owned()
                    );
                }
                let Offer { connector, upstream, owner, .. } = &offer;
                let (source, scheme) =
                    source_of(connector, upstream, &document, &self.environment, Some(owner));
                let granted = source.finish_web_login(scheme.name(), login, &request.query).await;
                granted.map_err(|error| error.to_string())?;
                let stored = Pins::open(&self.state)
                    .and_then(|pins| LoginDocument::store(&pins, connector, Some(owner), Some(&document)));
                stored.map_err(|error| format!("The account cannot be recorded: {error}"))?;
                tracing::info!(connector, %owner, "an account was connected");
                let text = format!(
                    "Calls of {owner} at the server {connector} are made with your account from now on. You can close this window, and let the agent call again."
                );
                Ok(with_cookie(told(StatusCode::OK, "Your account is connected", &text), &no_cookie(address)))
            }
        }
    }

    pub(super) fn offers(&self) -> std::sync::MutexGuard<'_, super::offers::Offers> {
        self.offers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn waiting(&self) -> std::sync::MutexGuard<'_, super::waiting::Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the page for a link that was used, has expired or never existed.
pub(super) fn gone() -> Page {
    told(
        StatusCode::NOT_FOUND,
        "This link cannot be used",
        "It was used, has ended, or never existed. Call the tool again, and use its new link.",
    )
}

/// Returns a page with a link to the login. The `form-action` policy keeps browsers from following a redirect to another origin after a
/// form.
fn onward(offer: &Offer, target: &str) -> Page {
    let host = target.parse::<http::Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string));
    let host = escaped(&host.unwrap_or_default());
    let body = format!(
        "<p>The login for the server <b>{}</b> is at <b>{host}</b>.</p>\n<p><a href=\"{}\">Continue at {host}</a></p>",
        escaped(&offer.connector),
        escaped(target)
    );
    page(StatusCode::OK, "Log in", &body)
}
