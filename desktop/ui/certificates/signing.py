"""Which key signs the files of an issuer: the one made here, or that of an authority from a PKCS#12 file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QLineEdit

from desktop.services import issuing_keys, trust
from desktop.services.attachments import read_files
from desktop.ui.widgets.basics import Card, button, label, restyle, row
from desktop.ui.widgets.files import PathField

if TYPE_CHECKING:
    from desktop.services.desk import Desk
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal
    from domain.trust import TrustList

FILES: Final = "PKCS#12 (*.p12 *.pfx)"
ABOUT: Final = (
    "首次签发时本机自动生成密钥，可证明文件由本单位签发且未被改动；有电子认证机构颁发的证书时，可在这里换用。"
    "以前签发的文件仍按原密钥验证。"
)


class SigningCard(Card):
    """Puts the key of an authority in the place of the one made here."""

    def __init__(self, session: Session) -> None:
        super().__init__("签名证书")
        self.session = session
        self.issuer, self.password = QLineEdit(), QLineEdit()
        self.issuer.setAccessibleName("发证单位")
        self.issuer.setPlaceholderText("发证单位，与证书上印的一致")
        self.password.setAccessibleName("证书文件口令")
        self.password.setPlaceholderText("口令")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.file = PathField("证书文件", "open", files=FILES)
        self.use_button = button("换用", self.use)
        self.said = label("", "muted", wrap=True)
        self.said.hide()
        tools = row(self.issuer, self.file, self.password, self.use_button)
        tools.setStretch(0, 2)
        tools.setStretch(1, 3)
        self.body.addWidget(label(ABOUT, "muted", wrap=True))
        self.body.addLayout(tools)
        self.body.addWidget(self.said)
        desk = session.desk
        session.jobs.read(lambda: trust.own(desk), self._show, owner=self)

    def use(self) -> None:
        """Sign with the key in the file from now on; the password is forgotten at once."""
        issuer, path, password = self.issuer.text().strip(), self.file.path, self.password.text()
        self.password.clear()
        if not issuer or path is None:
            self._say("请填写发证单位并选择证书文件（.p12 或 .pfx）", "problem")
            return

        def work(desk: Desk) -> str:
            (upload,) = read_files([path])
            return issuing_keys.use_pkcs12(desk, issuer=issuer, data=upload.content, password=password)

        desk = self.session.desk
        self.session.jobs.write(
            lambda: work(desk),
            lambda name: self._say(f"{issuer}的文件今后由“{name}”的证书签名；请把新的信任名单发给验证方。"),
            self._refused,
            owner=self,
        )

    def _show(self, own: TrustList) -> None:
        if own.issuers and not self.issuer.text():
            self.issuer.setText(own.issuers[0].name)

    def _refused(self, refusal: Refusal) -> None:
        self._say("；".join(refusal.messages()), "problem")

    def _say(self, words: str, role: str = "muted") -> None:
        self.said.setText(words)
        self.said.show()
        restyle(self.said, role=role)
