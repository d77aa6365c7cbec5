//! A whole portal that is asked without a network: what reads forms stands between its pages.

use actix_web::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use cpe_portal::clock::Clock;
use cpe_portal::config::{Config, Settings};
use cpe_portal::portal::Portal;

const BOUNDARY: &str = "x";

/// Sends a body to an address, and gives the status of the answer.
type Send = Box<dyn Fn(&str, Vec<u8>) -> u16>;

/// A form in parts: of the bytes alone, or, every other length, with the token before them, so that more of it is read.
pub fn multipart(bytes: &[u8]) {
    thread_local! {
        static SITE: (String, Send) = site();
    }
    SITE.with(|(token, send)| {
        let first =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\n{token}\r\n");
        let (path, body) = match bytes.len() % 2 {
            0 => ("/verify", [first.as_bytes(), bytes].concat()),
            _ => ("/sign-in", bytes.to_vec()),
        };
        let status = send(path, body);
        assert!(status < 500 || status == 503, "{path}: {status}");
    });
}

/// A portal, and the form token of a visitor.
fn site() -> (String, Send) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        data: Some(folder.path().join("data")),
        url: Some("http://portal.test".into()),
        ..Settings::default()
    };
    let config = Config::check(&settings).unwrap();
    let clock = Clock::system(config.time_zone);
    let portal = Portal::open(config, clock).unwrap();
    let system = System::new();
    let service = system.block_on(init_service(cpe_portal::web::app(Data::new(portal))));
    let (cookie, page) = system.block_on(async {
        let answer = call_service(&service, TestRequest::get().uri("/verify").to_request()).await;
        let cookie = answer.headers().get(SET_COOKIE).unwrap().to_str().unwrap().to_owned();
        (cookie.split(';').next().unwrap().to_owned(), read_body(answer).await)
    });
    let page = String::from_utf8(page.to_vec()).unwrap();
    let token =
        page.split("name=\"csrf_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let send = move |path: &str, body: Vec<u8>| {
        let _folder = &folder;
        let request = TestRequest::post()
            .uri(path)
            .insert_header((COOKIE, cookie.as_str()))
            .insert_header((CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")))
            .set_payload(body);
        system.block_on(async {
            let answer = call_service(&service, request.to_request()).await;
            let status = answer.status().as_u16();
            read_body(answer).await;
            status
        })
    };
    (token, Box::new(send))
}
