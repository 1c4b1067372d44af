module github.com/parallax-sec/parallax

go 1.26
