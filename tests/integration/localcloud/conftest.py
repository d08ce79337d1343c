"""A fake Daraja and a merchant that listens for its callbacks."""

from tests.support import daraja as fakes

merchant_server, merchant = fakes.merchant_server, fakes.merchant
daraja_server, daraja = fakes.daraja_server, fakes.daraja
