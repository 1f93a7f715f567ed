//! A minimal browser: it follows redirects, keeps cookies, and submits every form.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The maximum number of requests of a login.
const MOST_STEPS: usize = 20;

/// The user's input in forms.
const TYPED: [(&str, &str); 3] =
    [("login", "reader"), ("password", "canary+of+reader"), ("answer", "accept")];

/// A browser: its cookies by path and name, and its form inputs.
#[derive(Default)]
pub(super) struct Browser(BTreeMap<(String, String), String>, String);

impl Browser {
    /// Submits forms until a page contains no form, and returns that page.
    pub(super) async fn open(&mut self, address: &str) -> String {
        let (mut address, mut form) = (address.to_owned(), None);
        for _ in 0..MOST_STEPS {
            let (head, body) = self.ask(&address, form.take()).await;
            if let Some(location) = header(&head, "location").next() {
                address = join(&address, location);
            } else if let Some((action, pairs)) = form_of(&body) {
                address = join(&address, &action);
                form = Some(pairs);
            } else {
                return body;
            }
        }
        panic!("more than {MOST_STEPS} requests, the last to {address}");
    }

    /// Posts a form, and returns the response.
    pub(super) async fn post(&mut self, address: &str, form: &str) -> String {
        self.ask(address, Some(form.to_owned())).await.1
    }

    /// Requests the URL with that bearer token.
    pub(super) async fn with_token(mut self, address: &str, token: &str) -> String {
        self.1 = format!("authorization: Bearer {token}\r\n");
        self.ask(address, None).await.1
    }

    async fn ask(&mut self, address: &str, form: Option<String>) -> (String, String) {
        let rest = address.strip_prefix("http://").unwrap();
        let (host, target) = rest.split_at(rest.find('/').unwrap());
        let cookies: Vec<String> = self
            .0
            .iter()
            .filter(|((path, _), _)| target.starts_with(path.as_str()))
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let method = if form.is_some() { "POST" } else { "GET" };
        let body = form.unwrap_or_default();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\n{}accept: text/html, application/json\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            cookies.join("; "),
            self.1,
            body.len()
        );
        let stream = TcpStream::connect(host).await;
        let mut stream = stream.unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"));
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for cookie in header(head, "set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            let path = attributes.split(';').find_map(|attribute| attribute.trim().strip_prefix("path="));
            self.0.insert((path.unwrap_or("/").to_owned(), name.to_owned()), value.to_owned());
        }
        (head.to_owned(), body.to_owned())
    }
}

fn header<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn join(address: &str, location: &str) -> String {
    if location.starts_with("http://") {
        return location.to_owned();
    }
    if location.is_empty() {
        return address.to_owned();
    }
    let host_end = address[7..].find('/').unwrap() + 7;
    format!("{}{location}", &address[..host_end])
}

/// Returns the target of a page's form, and its default inputs.
fn form_of(page: &str) -> Option<(String, String)> {
    // An attribute may be on a separate line.
    let page = page.replace('\n', " ");
    let form = page.split_once("<form")?.1.split_once("</form>")?.0;
    let action = attribute(form.split_once('>')?.0, " action").unwrap_or_default();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("button")) {
        let Some(name) = attribute(tag, " name") else { continue };
        let typed = TYPED.iter().find(|(known, _)| *known == name).map(|(_, typed)| (*typed).to_owned());
        let value = typed.or(attribute(tag, " value")).unwrap_or_default();
        if !pairs.iter().any(|(known, _)| *known == name) {
            pairs.push((name, value));
        }
    }
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    Some((action, pairs.collect::<Vec<_>>().join("&")))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    Some(rest.split_once('"')?.0.replace("&amp;", "&"))
}
