//! A browser without a screen: it keeps cookies, remembers the last page, and fills the form token from it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::cookie::Cookie;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, LOCATION, SET_COOKIE};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use cpe_portal::portal::Portal;
use cpe_portal::web;
use scraper::{ElementRef, Html, Selector};

type Answer = Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>>;

/// What came back.
pub struct Page {
    pub path: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// A browser with its cookies.
pub struct Browser {
    app: Rc<dyn Fn(TestRequest) -> Answer>,
    cookies: RefCell<BTreeMap<String, String>>,
    csrf_token: RefCell<Option<String>>,
    address: RefCell<String>,
}

impl Browser {
    pub async fn new(portal: &Portal) -> Self {
        let app = Rc::new(init_service(web::app(Data::new(portal.clone()))).await);
        let app = move |request: TestRequest| -> Answer {
            let app = app.clone();
            Box::pin(async move { call_service(&*app, request.to_request()).await.map_into_boxed_body() })
        };
        Self {
            app: Rc::new(app),
            cookies: RefCell::default(),
            csrf_token: RefCell::default(),
            address: RefCell::new("198.51.100.1".to_owned()),
        }
    }

    /// A fresh browser that talks to the same server, which is quicker than starting another.
    pub fn beside(&self) -> Self {
        Self {
            app: self.app.clone(),
            cookies: RefCell::default(),
            csrf_token: RefCell::default(),
            address: RefCell::new(self.address.borrow().clone()),
        }
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    pub fn forget_cookie(&self, name: &str) {
        self.cookies.borrow_mut().remove(name);
    }

    /// From now on the browser is at another network address.
    pub fn move_to(&self, address: &str) {
        address.clone_into(&mut self.address.borrow_mut());
    }

    /// Sends any request, with the cookies.
    pub async fn send(&self, path: &str, mut request: TestRequest) -> Page {
        // as behind a proxy on the same machine
        request = request
            .peer_addr(([127, 0, 0, 1], 50_000).into())
            .insert_header(("x-forwarded-for", self.address.borrow().as_str()));
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.insert_header(("cookie", cookies.join("; ")));
        }
        let answer = (self.app)(request.uri(path)).await;
        let status = answer.status();
        let headers = answer.headers().clone();
        for header in headers.get_all(SET_COOKIE) {
            let cookie = Cookie::parse(header.to_str().unwrap()).unwrap();
            let gone = cookie.max_age().is_some_and(|age| age.whole_seconds() <= 0);
            if gone {
                self.forget_cookie(cookie.name());
            } else {
                self.set_cookie(cookie.name(), cookie.value());
            }
        }
        let bytes = to_bytes(answer.into_body()).await.unwrap().to_vec();
        let page = Page { path: path.to_owned(), status, headers, bytes };
        if page.is_html() {
            let token = page.values("input[name=csrf_token]", "value").into_iter().next();
            if token.is_some() {
                *self.csrf_token.borrow_mut() = token;
            }
        }
        page
    }

    pub async fn get(&self, path: &str) -> Page {
        let request = TestRequest::get()
            .insert_header(("host", "portal.test"))
            .insert_header(("accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
        self.send(path, request).await
    }

    /// A form token of this browser: from the last page that had one, or from a page that has one.
    pub async fn token(&self) -> String {
        if let Some(token) = self.csrf_token.borrow().clone() {
            return token;
        }
        for path in ["/account", "/sign-in"] {
            let page = self.get(path).await;
            if let Some(token) = page.values("input[name=csrf_token]", "value").into_iter().next() {
                return token;
            }
        }
        panic!("no page gave a form token")
    }

    /// Sends a form the plain way, with its token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token().await;
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(path, &all).await
    }

    /// Sends a form exactly as given: without a token, unless it is among the fields.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = TestRequest::post()
            .insert_header(("host", "portal.test"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .set_payload(body);
        self.send(path, request).await
    }

    /// Sends a form with files (field, name, bytes), with its token in front.
    pub async fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let token = self.token().await;
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_files_bare(path, &all, files).await
    }

    /// Sends a form with files exactly as given.
    pub async fn post_files_bare(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let boundary = "----a-boundary-of-the-tests";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file_name, bytes) in files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let request = TestRequest::post()
            .insert_header(("host", "portal.test"))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header((CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}")))
            .set_payload(body);
        self.send(path, request).await
    }

    /// Goes where the page sends the browser, until one stands.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            match page.location() {
                Some(path) => page = self.get(&path).await,
                None => return page,
            }
        }
        panic!("redirected for ever, at last to {}", page.path)
    }
}

impl Page {
    pub fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    /// Where it sends the browser.
    pub fn location(&self) -> Option<String> {
        self.headers.get(LOCATION).map(|value| value.to_str().unwrap().to_owned())
    }

    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The words of every element that the selector finds, with single spaces.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.found(selector, |element| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }

    /// The text of every element that the selector finds, as it is.
    pub fn raw_texts(&self, selector: &str) -> Vec<String> {
        self.found(selector, |element| element.text().collect::<String>())
    }

    /// The words of the first element that the selector finds; empty without one.
    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    /// All words between `<main>` and `</main>`.
    pub fn words(&self) -> String {
        self.text("main")
    }

    /// An attribute of every element that the selector finds.
    pub fn values(&self, selector: &str, attribute: &str) -> Vec<String> {
        self.found(selector, |element| element.attr(attribute).unwrap_or_default().to_owned())
    }

    /// Whether the selector finds anything.
    pub fn has(&self, selector: &str) -> bool {
        !self.found(selector, |_| ()).is_empty()
    }

    /// The message beside a form field; empty without one.
    pub fn error(&self, field: &str) -> String {
        self.text(&format!("[id='{field}-error']"))
    }

    /// Asserts the status, showing the page when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{} {:?}\n{}",
            self.path,
            self.location(),
            if self.is_html() { self.words() } else { self.html() }
        );
        self
    }

    fn found<T>(&self, selector: &str, each: impl Fn(ElementRef<'_>) -> T) -> Vec<T> {
        let html = Html::parse_document(&self.html());
        html.select(&Selector::parse(selector).unwrap()).map(each).collect()
    }
}
