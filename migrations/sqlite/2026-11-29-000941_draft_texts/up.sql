-- A draft as it was typed, while some of it cannot be read yet: what stands in the form comes back as it stood. A draft that is read whole
-- has no row here, and neither has anything that was sent.
CREATE TABLE draft_texts (
    activity_id BIGINT PRIMARY KEY NOT NULL REFERENCES activities (id),
    -- names and values of the fields, as JSON
    fields TEXT NOT NULL
);
