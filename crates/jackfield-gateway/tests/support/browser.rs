//! A browser with which a person connects an account.

use super::tiny_http::{Message, ask, escaped};

/// A browser, with its cookie.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) cookie: Option<String>,
    /// The public origin of the gateway, and the origin at which the proxy reaches the gateway.
    pub(crate) proxied: Option<(String, String)>,
}

impl Browser {
    pub(crate) fn get(&mut self, address: &str) -> Message {
        let cookie = self.cookie.clone().unwrap_or_default();
        let (address, host) = self.reached(address);
        let host = host.iter().map(|host| ("host", host.as_str()));
        let headers: Vec<(&str, &str)> = host.chain([("cookie", cookie.as_str())]).collect();
        let answer = ask("GET", &address, &headers, "");
        self.keep(answer)
    }

    /// Posts the form of a link with a token, as the page of the link does.
    pub(crate) fn prove(&mut self, link: &str, token: &str) -> Message {
        let origin = link.split("/connect").next().unwrap();
        let (address, host) = self.reached(link);
        let host = host.iter().map(|host| ("host", host.as_str()));
        let usual = [("origin", origin), ("content-type", "application/x-www-form-urlencoded")];
        let headers: Vec<(&str, &str)> = host.chain(usual).collect();
        let answer = ask("POST", &address, &headers, &format!("token={}", escaped(token)));
        self.keep(answer)
    }

    /// Returns the URL to which a request really goes, and the value of its `Host` header if it differs.
    fn reached(&self, address: &str) -> (String, Option<String>) {
        match &self.proxied {
            Some((public, local)) if address.starts_with(public.as_str()) => {
                (address.replacen(public.as_str(), local, 1), public.split("://").nth(1).map(str::to_owned))
            }
            _ => (address.to_owned(), None),
        }
    }

    fn keep(&mut self, answer: Message) -> Message {
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }

    /// Requests a URL, follows redirects, and returns the last page.
    pub(crate) fn follow(&mut self, address: &str) -> Message {
        let mut answer = self.get(address);
        while let Some(next) = answer.header("location").map(str::to_owned) {
            answer = self.get(&next);
        }
        answer
    }

    /// Opens a link, enters the token, and completes the login. Returns the last page.
    pub(crate) fn connect(&mut self, link: &str, token: &str) -> Message {
        let page = self.prove(link, token);
        match page.code() {
            200 => self.follow(&target(&page)),
            _ => page,
        }
    }
}

/// Returns the target of the link on a page.
pub(crate) fn target(page: &Message) -> String {
    let rest = page.body.split("href=\"").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#39;", "'")
}
