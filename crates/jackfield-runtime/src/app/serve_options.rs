//! The options of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jackfield_recipe::{CallRate, SurfaceKind, UnknownSurface, nearest};

use super::output::Failure;
use super::serve_flag::{FLAGS, ServeFlag, find};
use super::unknown_word::unknown;
use crate::auth::of_principals::CallerCredentials;
use crate::engine::approval::ask_mode::{AskMode, UnknownAskMode};
use crate::engine::limits::call_limits::LimitFlags;
use crate::mcp::error::ServeError;
use crate::mcp::limits::{HttpLimit, HttpLimits};
use crate::mcp::options::{HttpAddress, HttpAuth, HttpOptions, TlsFiles};
use crate::mcp::proxies::TrustedProxies;

/// The options of `serve`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ServeOptions {
    /// The options as they were given, for a client that starts the server with the same options.
    pub(super) words: Vec<String>,
    pub(super) surface: Option<SurfaceKind>,
    /// The value of `--ask`, if the option is given.
    pub(super) ask: Option<AskMode>,
    /// The time for which an approval is valid.
    pub(super) approval_time: Option<Duration>,
    /// The folder of the sentence encoder.
    pub(super) encoder: Option<PathBuf>,
    address: Option<HttpAddress>,
    auth: Option<HttpAuth>,
    token_file: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    proxies: Option<TrustedProxies>,
    metrics: Option<SocketAddr>,
    http_limits: HttpLimits,
    /// The authorization server whose access tokens are accepted.
    pub(super) issuer: Option<String>,
    /// The audience that access tokens have to contain.
    pub(super) audience: Option<String>,
    /// The scopes that every request needs.
    pub(super) scopes: Vec<String>,
    /// The URL at which clients reach the server.
    pub(super) public_url: Option<String>,
    /// The value of `--audit`: `on`, `off` or a folder.
    pub(super) audit: Option<String>,
    /// The number of days for which audit files are kept.
    pub(super) audit_keep: Option<u32>,
    /// Whether the audit records the redacted arguments of calls instead of their digests.
    pub(super) audit_arguments: bool,
    /// The choice of credentials for callers other than the local user. `None` if the option is not given.
    pub(super) credentials: Option<CallerCredentials>,
    /// Whether the server offers only tools that change nothing.
    pub(super) read_only: bool,
    /// The limits of tools that connector.toml does not limit.
    pub(super) limits: LimitFlags,
}

/// The help text of the options that need the feature `serve`.
#[cfg(feature = "serve")]
pub(super) const HELP_OF_SERVE: &str = "  \
     --http-auth named-tokens ask each caller for a token that `token add NAME` created\n  \
     --issuer URL             with --http: callers need an access token of this OAuth server; see also `help token`\n  \
     --audience URL           the audience that access tokens have to name (the URL of this server)\n  \
     --scope SCOPE            a scope that every request needs; may be repeated\n  \
     --public-url URL         the URL at which clients reach this server, such as the URL of a proxy\n  \
     --credentials KIND       whose credentials calls of other people use: principal (the credentials that `credentials set`\n  \
     \u{20}                        stored for each of them), service (the connector's own) (principal)\n  \
     --metrics ADDR           serve metrics without authentication at this other address\n  \
     --audit on|off|PATH      record every call, in the state folder or in the folder PATH (off); see `help audit`\n  \
     --audit-arguments KIND   record arguments as their digest, or redacted: without secrets (digest)\n  \
     --audit-keep DAYS        remove files of the audit after this number of days (never)\n";
#[cfg(not(feature = "serve"))]
pub(super) const HELP_OF_SERVE: &str = "";

/// The maximum value of `--concurrent`.
const MOST_CONCURRENT: usize = 1_000_000;

/// Whether `word` is an option that takes the next word as its value.
pub(super) fn takes_value(word: &str) -> bool {
    find(word).is_some_and(|flag| flag.has_value)
}

impl ServeOptions {
    /// Parses options in any order.
    pub(super) fn parse(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut seen: Vec<&ServeFlag> = Vec::new();
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let Some(flag) = find(word) else {
                let problem = format!("`serve` does not take `{word}`");
                let known = FLAGS.iter().map(|flag| flag.name);
                return Err(unknown(&problem, word, known, "`help serve` lists its options"));
            };
            if !flag.may_repeat && seen.iter().any(|other| other.name == word) {
                return Err(Failure::usage(format!("`{word}` appears twice")));
            }
            if flag.needs_feature && !cfg!(feature = "serve") {
                return Err(Failure::needs_serve(word));
            }
            seen.push(flag);
            options.words.push(word.to_owned());
            if !flag.has_value {
                options.read_only = true;
                continue;
            }
            let Some(value) = words.next() else {
                return Err(Failure::usage(format!(
                    "`{word}` needs a value: `help serve` lists the possible values"
                )));
            };
            options.set(word, value)?;
            // Paths become absolute, because a client starts the server in another folder.
            let absolute = (word == "--encoder").then(|| std::path::absolute(value).ok()).flatten();
            options.words.push(absolute.map_or((*value).to_owned(), |path| path.display().to_string()));
        }
        if options.audit.is_none()
            && let Some(flag) = seen.iter().find(|flag| flag.name.starts_with("--audit-"))
        {
            return Err(Failure::usage(format!("`{}` needs `--audit on`", flag.name)));
        }
        if options.certificate.is_some() != options.key.is_some() {
            return Err(Failure::usage("`--tls-cert FILE` and `--tls-key FILE` belong together"));
        }
        if options.certificate.is_some() && options.proxies.is_some() {
            return Err(Failure::usage(
                "`--tls-cert` contradicts `--trusted-proxy`, whose proxy has the certificate: remove one of them",
            ));
        }
        match seen.iter().find(|flag| flag.needs_http) {
            Some(ServeFlag { name, .. }) if options.address.is_none() => {
                return Err(Failure::usage(format!("`{name}` needs `--http ADDR`")));
            }
            _ => {}
        }
        Ok(options)
    }

    fn set(&mut self, flag: &str, value: &str) -> Result<(), Failure> {
        let refused = |error: ServeError| Failure::usage(error.to_string());
        if let Some(limit) = HttpLimit::ALL.into_iter().find(|limit| limit.flag() == flag) {
            let set = self.http_limits.set(limit, value);
            return set.map_err(|error| Failure::usage(error.to_string()));
        }
        match flag {
            "--http" => self.address = Some(value.parse().map_err(refused)?),
            "--http-auth" => self.auth = Some(value.parse().map_err(refused)?),
            "--http-token-file" => self.token_file = Some(PathBuf::from(value)),
            "--tls-cert" => self.certificate = Some(PathBuf::from(value)),
            "--tls-key" => self.key = Some(PathBuf::from(value)),
            "--trusted-proxy" => self.proxies = Some(value.parse().map_err(refused)?),
            "--metrics" => {
                let address = value.parse().map_err(|_| {
                    Failure::usage(format!(
                        "`--metrics` takes an address such as 127.0.0.1:9464, not `{value}`"
                    ))
                })?;
                self.metrics = Some(address);
            }
            "--issuer" => self.issuer = Some(value.to_owned()),
            "--audience" => self.audience = Some(value.to_owned()),
            "--scope" => self.scopes.push(value.to_owned()),
            "--public-url" => self.public_url = Some(value.to_owned()),
            "--audit" => self.audit = Some(value.to_owned()),
            "--audit-arguments" => {
                self.audit_arguments = match value {
                    "redacted" => true,
                    "digest" => false,
                    _ => {
                        let usage = format!("`--audit-arguments` takes digest or redacted, not `{value}`");
                        return Err(Failure::usage(usage));
                    }
                }
            }
            "--audit-keep" => {
                let days = value.parse().ok().filter(|days| *days > 0);
                let usage = || {
                    Failure::usage(format!("`--audit-keep` takes a number of days from 1 on, not `{value}`"))
                };
                self.audit_keep = Some(days.ok_or_else(usage)?);
            }
            "--credentials" => {
                self.credentials = Some(match value {
                    "service" => CallerCredentials::Service,
                    "principal" => CallerCredentials::PerPrincipal,
                    _ => {
                        let usage = format!("`--credentials` takes service or principal, not `{value}`");
                        return Err(Failure::usage(usage));
                    }
                });
            }
            "--rate" => {
                let rate = value.parse::<CallRate>();
                self.limits.calls = Some(rate.map_err(|error| Failure::usage(error.to_string()))?);
            }
            "--concurrent" => {
                let calls = value.parse().ok().filter(|calls| *calls > 0 && *calls <= MOST_CONCURRENT);
                let usage = || {
                    Failure::usage(format!(
                        "`--concurrent` takes a number from 1 to {MOST_CONCURRENT}, not `{value}`"
                    ))
                };
                self.limits.concurrent = Some(calls.ok_or_else(usage)?);
            }
            "--surface" => self.surface = Some(parse_surface(value)?),
            "--ask" => self.ask = Some(value.parse().map_err(|error| unknown_mode(&error, value))?),
            "--approval-minutes" => self.approval_time = Some(minutes(value)?),
            "--encoder" => self.encoder = Some(PathBuf::from(value)),
            _ => {}
        }
        Ok(())
    }

    /// Returns the mode that selects the calls for which a person is asked. The default is stricter over HTTP, because there may be no
    /// person who sees the prompts of an HTTP client.
    pub(super) fn ask_mode(&self) -> AskMode {
        self.ask.unwrap_or(if self.address.is_some() { AskMode::Destroy } else { AskMode::Auto })
    }

    /// Whether clients connect over HTTP.
    #[cfg(feature = "serve")]
    pub(super) const fn is_http(&self) -> bool {
        self.address.is_some()
    }

    /// Whether callers have individual tokens.
    #[cfg(feature = "serve")]
    pub(super) fn has_callers(&self) -> bool {
        let named = [Some(HttpAuth::NamedTokens), Some(HttpAuth::OwnAndNamedTokens)];
        self.issuer.is_some() || named.contains(&self.auth)
    }

    /// Returns the options of the HTTP server, or `None` if the server does not use HTTP.
    pub(super) fn http(&self) -> Option<HttpOptions> {
        let address = self.address.clone()?;
        let (auth, token_file) = (self.auth.unwrap_or_default(), self.token_file.clone());
        let tls = self.certificate.clone().zip(self.key.clone());
        Some(HttpOptions {
            auth,
            token_file,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            proxies: self.proxies.clone(),
            metrics: self.metrics,
            limits: self.http_limits,
            ..HttpOptions::new(address)
        })
    }
}

fn unknown_mode(error: &UnknownAskMode, value: &str) -> Failure {
    let modes = AskMode::ALL.map(AskMode::as_str);
    unknown(&error.to_string(), value, modes, "`help serve` explains them")
}

/// The maximum duration of an approval in minutes, which is a day.
const MOST_MINUTES: u64 = 24 * 60;

fn minutes(value: &str) -> Result<Duration, Failure> {
    match value.parse() {
        Ok(minutes @ 1..=MOST_MINUTES) => Ok(Duration::from_secs(minutes * 60)),
        _ => Err(Failure::usage(format!("`--approval-minutes` takes a number from 1 to {MOST_MINUTES}"))),
    }
}

fn parse_surface(value: &str) -> Result<SurfaceKind, Failure> {
    value.parse().map_err(|error: UnknownSurface| {
        let problem = error.to_string();
        match nearest(value, SurfaceKind::ALL.map(SurfaceKind::as_str)) {
            Some(near) => Failure::usage(format!("{problem}; did you mean `{near}`?")),
            None => Failure::usage(problem),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_cert_option_requires_tls_key_and_excludes_trusted_proxy() {
        let why = |words: &[&str]| {
            let words = [&["--http", "127.0.0.1:0"], words].concat();
            ServeOptions::parse(&words).unwrap_err().text
        };
        assert!(why(&["--tls-cert", "c"]).contains("--tls-key FILE"));
        assert!(why(&["--tls-key", "c"]).contains("--tls-cert FILE"));
        assert!(
            why(&["--tls-cert", "c", "--tls-key", "k", "--trusted-proxy", "127.0.0.1"])
                .contains("remove one")
        );
        assert!(why(&["--trusted-proxy", "nginx"]).contains("--trusted-proxy 127.0.0.1"));
    }

    #[test]
    fn metrics_option_requires_the_feature_serve() {
        let why = ServeOptions::parse(&["--http", "127.0.0.1:0", "--metrics", "9464"]).unwrap_err().text;
        let wanted = if cfg!(feature = "serve") { "127.0.0.1:9464" } else { r#"`features = ["serve"]`"# };
        assert!(why.contains(wanted), "{why}");
    }

    #[test]
    fn every_http_server_limit_has_an_option() {
        for limit in HttpLimit::ALL {
            assert!(find(limit.flag()).is_some_and(|flag| flag.has_value && flag.needs_http), "{limit:?}");
            let why = ServeOptions::parse(&["--http", "127.0.0.1:0", limit.flag(), "x"]).unwrap_err();
            assert!(why.text.contains(limit.flag()), "{}", why.text);
        }
        let words = ["--http", "127.0.0.1:0", "--drain", "7"];
        let http = ServeOptions::parse(&words).unwrap().http().unwrap();
        assert_eq!(http.limits.get(HttpLimit::Drain), 7);
    }

    #[test]
    fn destructive_calls_need_approval_by_default() {
        let ask = |words: &[&str]| {
            ServeOptions::parse(words).map(|options| options.ask_mode()).map_err(|it| it.text)
        };
        assert_eq!(ask(&[]), Ok(AskMode::Auto));
        assert_eq!(ask(&["--http", "127.0.0.1:1"]), Ok(AskMode::Destroy));
        assert_eq!(ask(&["--ask", "writes"]), Ok(AskMode::Writes));
        assert_eq!(ask(&["--http", "127.0.0.1:1", "--ask", "never"]), Ok(AskMode::Never));
        let near = ask(&["--ask", "write"]).unwrap_err();
        assert_eq!(
            near,
            "`write` does not name the calls to ask about: use destroy, writes, never or auto; did you mean `writes`?"
        );
        let time = |value: &str| ServeOptions::parse(&["--approval-minutes", value]);
        assert_eq!(time("2").unwrap().approval_time, Some(Duration::from_secs(120)));
        for wrong in ["0", "1441", "x", "-1"] {
            assert_eq!(time(wrong).unwrap_err().code, 2, "{wrong}");
        }
    }

    #[test]
    fn serve_options_parse_in_any_order() {
        let parse = |words: &[&str]| ServeOptions::parse(words).unwrap();
        assert_eq!(parse(&["--surface", "search"]).surface, Some(SurfaceKind::Search));
        assert_eq!(parse(&["--surface", "search"]).http(), None);
        assert_eq!(parse(&["--encoder", "models/small"]).encoder, Some(PathBuf::from("models/small")));
        let options = HttpOptions::new("127.0.0.1:8700".parse().unwrap());
        assert_eq!(parse(&["--http", "127.0.0.1:8700"]).http(), Some(options.clone()));
        let words = ["--http-auth", "none", "--http-token-file", "t", "--http", "127.0.0.1:8700"];
        let http = HttpOptions { auth: HttpAuth::None, token_file: Some("t".into()), ..options };
        assert_eq!(parse(&words).http(), Some(http));
        let limits = parse(&["--rate", "60/min", "--concurrent", "8"]).limits;
        let rate = CallRate { calls: 60, seconds: 60 };
        assert_eq!(limits, LimitFlags { calls: Some(rate), concurrent: Some(8) });
        if cfg!(feature = "serve") {
            let credentials = |whose| parse(&["--credentials", whose]).credentials;
            assert_eq!(credentials("service"), Some(CallerCredentials::Service));
            assert_eq!(credentials("principal"), Some(CallerCredentials::default()));
        }
        for wrong in [["--credentials", "shared"], ["--rate", "60"], ["--concurrent", "0"]] {
            assert!(ServeOptions::parse(&wrong).is_err(), "{wrong:?}");
        }
        assert!(parse(&["--read-only", "--surface", "each"]).read_only && !parse(&[]).read_only);
    }
}
