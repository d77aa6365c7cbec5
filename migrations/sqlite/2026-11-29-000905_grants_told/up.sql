-- Which certificate an email congratulates on: while it is held, the certificate may end.
CREATE TABLE grants_told (
    mail_id BIGINT PRIMARY KEY NOT NULL REFERENCES mails (id),
    certificate_id BIGINT NOT NULL REFERENCES certificates (id)
);
