DROP INDEX activities_decided;
