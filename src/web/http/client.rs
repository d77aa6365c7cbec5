//! Who is at the other end, as far as the network tells.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;

/// The network address a request came from, to slow guessing down; never logged. Behind a proxy on this machine it is
/// the one that the proxy added last; anything before it may be made up. Of an IPv6 address only the network counts:
/// one house has millions of addresses.
#[must_use]
pub fn address(request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else { return String::new() };
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .last()
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|address| address.trim().parse::<IpAddr>().ok());
    match forwarded.filter(|_| peer.is_loopback()).unwrap_or(peer).to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// What the browser calls itself.
#[must_use]
pub fn browser(request: &HttpRequest) -> String {
    let header = request.headers().get(header::USER_AGENT);
    header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The device in a few words of ours, whatever it calls itself: "Firefox on Linux", "Safari on iPhone"; "Another program" when it says
/// nothing that we know.
#[must_use]
pub fn browser_words(called: &str) -> String {
    // each of these also names those that stand after it
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let find = |signs: &[(&str, &'static str)]| {
        signs.iter().find(|(sign, _)| called.contains(sign)).map(|(_, words)| *words)
    };
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "Another program".to_owned(),
    }
}
