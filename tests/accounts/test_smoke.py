def test_pages(client, customer):
    for path in ["sign-in/", "register/", "password/forgotten/", "password/forgotten/sent/", "confirmed/", "register/check-your-mail/"]:
        assert client.get("/accounts/" + path).status_code == 200
